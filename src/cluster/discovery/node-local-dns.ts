import type { DnsAddresses, DnsServer } from '../../policy/model/dns-server.ts';
import { AddressSet } from '../../sets/address-set.ts';
import { addressesOf as addressesOfBlocks, parseAddress } from '../../sets/cidr.ts';
import type { DnsEndpoints } from './dns-endpoints.ts';
import type { Pod } from './endpoints.ts';
import { addressesOf, blockOf, distinctLabels, dnsServerOf, podsOf, portNames } from './found-dns.ts';

const LABEL = { 'k8s-app': 'node-local-dns' };

/** NODE_LOCAL_DNS is the label of NodeLocal DNSCache's pods, in its own manifest, on GKE and in kubespray. */
export const NODE_LOCAL_DNS = 'k8s-app=node-local-dns';

/** Where NodeLocal DNSCache listens by default: its manifest's address, and kubespray's. */
const WELL_KNOWN: readonly string[] = ['169.254.20.10', '169.254.25.10'];
const LINK_LOCAL = addressesOfBlocks('169.254.0.0/16', 'fe80::/10');

/**
 * cacheOnNodes describes the resolver that runs on every node, on the node's network, if its pods are there. It is known
 * by the addresses that its `-localip` argument names: link-local ones, and the DNS Services', which it then answers in
 * their place. GKE wants these in policies (GKE's documentation, "Network policy with NodeLocal DNSCache").
 */
export function cacheOnNodes(pods: readonly Pod[], serviceIPs: readonly string[] = []): DnsEndpoints | undefined {
  const onNodes = pods.filter((pod) => pod.hostNetwork);
  if (onNodes.length === 0) return undefined;
  const named = new Set(
    onNodes.flatMap((pod) => localIps(pod.args)).filter((ip) => isLinkLocal(ip) || serviceIPs.includes(ip)),
  );
  const addresses = named.size > 0 ? [...named].sort() : WELL_KNOWN;
  const ports = { udp: [53], tcp: [53], udpNames: [], tcpNames: [] };
  return { selector: LABEL, byAddress: true, ports, addresses, podLabels: [] };
}

/** cacheInPods describes the same if its pods are on the pods' network: policies select them as any other pods. */
export function cacheInPods(pods: readonly Pod[]): DnsEndpoints | undefined {
  const onPodNetwork = pods.filter((pod) => !pod.hostNetwork);
  if (onPodNetwork.length === 0) return undefined;
  const [udp, tcp] = [portsCalled(onPodNetwork, 'UDP', 'dns'), portsCalled(onPodNetwork, 'TCP', 'dns-tcp')];
  const [udpNames, tcpNames] = [portNames(onPodNetwork, 'UDP', udp), portNames(onPodNetwork, 'TCP', tcp)];
  const ports = { udp, tcp, udpNames, tcpNames };
  const addresses = [...new Set(addressesOf(onPodNetwork))].sort();
  return { selector: LABEL, byAddress: false, ports, addresses, podLabels: distinctLabels(onPodNetwork) };
}

/** cacheServer describes a cache of that namespace as policies see it. */
export function cacheServer(namespace: string, endpoints: DnsEndpoints): DnsServer {
  if (endpoints.byAddress) return onNodes(namespace, endpoints);
  const server = dnsServerOf({ namespace, name: 'node-local-dns', clusterIPs: [] }, endpoints);
  return server.kind === 'pods' ? { ...server, isCache: true } : server;
}

function onNodes(namespace: string, { selector, addresses, ports }: DnsEndpoints): DnsAddresses {
  return {
    kind: 'addresses',
    name: 'NodeLocal DNSCache',
    addresses: AddressSet.unionAll(addresses.map((ip) => parseAddress(ip) ?? AddressSet.empty)),
    blocks: addresses.map(blockOf),
    ports,
    onNodes: podsOf(namespace, selector),
    trusted: false,
  };
}

/** Its manifest gives the ports these names. */
function portsCalled(pods: readonly Pod[], protocol: string, name: string): readonly number[] {
  const named = pods.flatMap(({ ports }) => ports.filter((port) => port.name === name && port.protocol === protocol));
  return named.length === 0 ? [53] : [...new Set(named.map(({ port }) => port))].sort((a, b) => a - b);
}

/** `-localip a,b`, `--localip=a,b`: Go's flags take one dash or two. */
function localIps(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => {
    const flag = /^--?localip(?:=(.*))?$/.exec(arg);
    if (flag === null) return [];
    return (flag[1] ?? args[i + 1] ?? '').split(',').map((ip) => ip.trim());
  });
}

function isLinkLocal(ip: string): boolean {
  return parseAddress(ip)?.isSubset(LINK_LOCAL) ?? false;
}
