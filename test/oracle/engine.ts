import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Change } from '../../src/policy/model/change.ts';
import type { DnsPods } from '../../src/policy/model/dns-server.ts';
import type { Finding } from '../../src/policy/model/finding.ts';
import { NamespacePolicies } from '../../src/policy/model/namespace-policies.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import type { ClusterSnapshot, DnsFacts, NamespaceFacts } from '../../src/policy/model/snapshot.ts';
import type { AddressSet } from '../../src/sets/address-set.ts';
import { addressesOf } from '../../src/sets/cidr.ts';
import { LabelSelector } from '../../src/sets/label-selector.ts';
import { SETTINGS } from '../unit/policy/fixtures.ts';
import type { PolicyManifest, World } from './manifest.ts';
import {
  DNS_ADDRESSES,
  DNS_NAMESPACE_LABELS,
  DNS_POD,
  DNS_SELECTOR,
  dnsPortNames,
  type PlainLabels,
  SHOP_LABELS,
} from './places.ts';
import { ALLOWED_RESOLVER } from './vocabulary.ts';

const settings: Settings = {
  ...SETTINGS,
  modes: { enforce: 'strict', warn: 'strict', audit: 'strict' },
  dns: { ...SETTINGS.dns, allowedResolvers: addressesOf(ALLOWED_RESOLVER) },
  dnsBlocked: { onWrite: 'deny', onDelete: 'deny', noEgressAtAll: 'warn', graceMs: 0 },
};

const mapOf = (labels: PlainLabels) => new Map(Object.entries(labels));

function facts(name: string, labels: PlainLabels): NamespaceFacts {
  return { name, labels: mapOf(labels), labelsKnown: true, terminating: false };
}

const namespaces = new Map([
  ['shop', facts('shop', SHOP_LABELS)],
  ['kube-system', facts('kube-system', DNS_NAMESPACE_LABELS)],
]);

/** dnsFacts describes one DNS server, all of it known: its port, its addresses, and the labels of namespaces. */
export function dnsFacts(port: number, addresses: AddressSet, known: ReadonlyMap<string, NamespaceFacts>): DnsFacts {
  const namesOver = (protocol: 'UDP' | 'TCP') =>
    dnsPortNames(port).flatMap((named) => (named.protocol === protocol ? [named.name] : []));
  const server: DnsPods = {
    kind: 'pods',
    name: 'kube-system/kube-dns',
    namespaces: LabelSelector.of(new Map([['kubernetes.io/metadata.name', 'kube-system']])),
    namespace: 'kube-system',
    pods: LabelSelector.of(mapOf(DNS_SELECTOR)),
    livePods: [mapOf(DNS_POD.labels)],
    ports: { udp: [port], tcp: [port], udpNames: namesOver('UDP'), tcpNames: namesOver('TCP') },
    addresses,
  };
  return {
    worlds: [{ name: 'discovered', servers: [server] }],
    namespaces: new Map([...known].filter(([name]) => name === 'kube-system')),
    blockAddresses: server.addresses,
    discovered: true,
    isKnown: true,
  };
}

const dnsAddresses = addressesOf(...DNS_ADDRESSES);
const dns = { 53: dnsFacts(53, dnsAddresses, namespaces), 5353: dnsFacts(5353, dnsAddresses, namespaces) };

/**
 * Engine asks the real engine. It keeps one set of policies per namespace from world to world, as a watch does, so that
 * what is indexed as policies come and go is tested along the way.
 */
export class Engine {
  private readonly policies = { shop: new NamespacePolicies(), 'kube-system': new NamespacePolicies() };

  findings(world: World): readonly Finding[] {
    const { namespace, operation, before, after } = world;
    const stored = operation === 'AUDIT' ? after : before;
    this.fill(namespace, stored === undefined ? world.standing : [...world.standing, stored]);
    const change: Change = {
      operation,
      namespace,
      ...(before && { before: readNetworkPolicy(before, namespace) }),
      ...(after && { after: readNetworkPolicy(after, namespace) }),
    };
    return evaluate(change, this.snapshot(world), settings, 0).findings;
  }

  private fill(namespace: World['namespace'], manifests: readonly PolicyManifest[]) {
    const policies = this.policies[namespace];
    const wanted = new Map(manifests.map((manifest) => [manifest.metadata.name, manifest]));
    for (const { ref } of [...policies.all()]) if (!wanted.has(ref.name ?? '')) policies.delete(ref.name ?? '');
    for (const [name, manifest] of wanted) policies.set(name, readNetworkPolicy(manifest, namespace));
  }

  private snapshot(world: World): ClusterSnapshot {
    const empty = new NamespacePolicies();
    return {
      namespace: (name) => namespaces.get(name),
      policies: (name) => (name === world.namespace ? this.policies[world.namespace] : empty),
      namespacesWithPolicies: () => [world.namespace],
      dns: dns[world.dnsPort],
      services: { ranges: addressesOf('10.96.0.0/12'), apiServerEndpoints: [] },
      unreadablePolicies: () => [],
      otherPolicies: () => [],
    };
  }
}
