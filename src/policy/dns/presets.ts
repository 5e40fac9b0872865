import { AddressSet } from '../../sets/address-set.ts';
import { addressesOf } from '../../sets/cidr.ts';
import { LabelSelector } from '../../sets/label-selector.ts';
import type { DnsAddresses, DnsPods, DnsPorts, DnsServer } from '../model/dns-server.ts';

import { NAMESPACE_NAME } from '../model/labels.ts';

const PORT_53: DnsPorts = { udp: [53], tcp: [53], udpNames: ['dns'], tcpNames: ['dns-tcp'] };

function pods(namespace: string, labels: readonly (readonly [string, string])[], ports: DnsPorts): DnsPods {
  return {
    kind: 'pods',
    name: `${namespace}/${labels.map(([, value]) => value).join(',')}`,
    namespaces: LabelSelector.of(new Map([[NAMESPACE_NAME, namespace]])),
    namespace,
    pods: LabelSelector.of(new Map(labels)),
    ports,
    addresses: AddressSet.empty,
  };
}

function addresses(name: string, ...cidrs: readonly string[]): DnsAddresses {
  return { kind: 'addresses', name, addresses: addressesOf(...cidrs), blocks: cidrs, ports: PORT_53, trusted: true };
}

const KUBE_DNS = pods('kube-system', [['k8s-app', 'kube-dns']], PORT_53);

/**
 * CACHE_IN_PODS is NodeLocal DNSCache in pods of its own, off the nodes' network, to which Cilium and GKE's Dataplane V2
 * redirect lookups (Cilium's documentation, Local Redirect Policy; GKE's, Set up NodeLocal DNSCache).
 */
export const CACHE_IN_PODS: DnsPods = pods('kube-system', [['k8s-app', 'node-local-dns']], PORT_53);

/**
 * DNS_PRESETS are the locations of cluster DNS in distributions, by the names for `dns.presets`. Sources: kubeadm's
 * CoreDNS manifest, cluster-dns-operator's DaemonSet, Gardener's custom DNS configuration, the CoreDNS Helm chart,
 * NodeLocal DNSCache's manifest and kubespray's, GKE Cloud DNS, AKS LocalDNS.
 */
export const DNS_PRESETS: ReadonlyMap<string, readonly DnsServer[]> = new Map<string, readonly DnsServer[]>([
  ['kube-dns', [KUBE_DNS]],
  [
    'openshift',
    [
      {
        ...pods('openshift-dns', [['dns.operator.openshift.io/daemonset-dns', 'default']], {
          udp: [5353],
          tcp: [5353],
          udpNames: ['dns'],
          tcpNames: ['dns-tcp'],
        }),
        name: 'openshift-dns/dns-default',
      },
    ],
  ],
  ['gardener', [{ ...KUBE_DNS, ports: { ...PORT_53, udp: [8053], tcp: [8053] } }]],
  [
    'coredns-chart',
    [pods('kube-system', [['k8s-app', 'coredns']], { ...PORT_53, udpNames: ['udp-53'], tcpNames: ['tcp-53'] })],
  ],
  ['node-local-dns', [KUBE_DNS, addresses('node-local DNS cache', '169.254.20.10/32'), CACHE_IN_PODS]],
  ['kubespray', [KUBE_DNS, addresses('node-local DNS cache', '169.254.25.10/32')]],
  ['gke-cloud-dns', [addresses('Cloud DNS', '169.254.169.254/32')]],
  ['aks-local-dns', [KUBE_DNS, addresses('LocalDNS', '169.254.10.10/32', '169.254.10.11/32')]],
]);

/** HeldAddress is an address of a preset, and the resolver there. */
export interface HeldAddress {
  readonly preset: string;
  /** For a sentence: `Cloud DNS`, `node-local DNS cache`. */
  readonly resolver: string;
}

/** presetHolding returns the preset with this address, such as `gke-cloud-dns`; undefined if there is none. */
export function presetHolding(address: AddressSet): HeldAddress | undefined {
  if (address.isEmpty) return undefined;
  for (const [preset, servers] of DNS_PRESETS) {
    const held = servers.find(({ kind, addresses: known }) => kind === 'addresses' && address.isSubset(known));
    if (held !== undefined) return { preset, resolver: held.name };
  }
  return undefined;
}

/** OFFLINE_PRESETS are the alternative worlds if neither configuration nor discovery names cluster DNS. */
export const OFFLINE_PRESETS: readonly string[] = ['kube-dns', 'openshift'];
