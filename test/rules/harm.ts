import { BlockList, isIP } from 'node:net';
import type { DnsServer } from '../../src/policy/model/dns-server.ts';
import { addressesOf } from '../../src/sets/cidr.ts';
import type { PeerManifest, PolicyManifest, PortManifest, RuleManifest, Selector } from '../oracle/manifest.ts';
import { isolates, matchesPod, picks } from '../oracle/matching.ts';
import type { PlainLabels } from '../oracle/places.ts';
import type { Manifest } from './apply-edits.ts';

/** A pod or an address that a connection may go to. */
interface Destination {
  readonly namespace: string;
  readonly namespaceLabels: PlainLabels;
  readonly labels: PlainLabels;
  /** Instead of a pod. */
  readonly address?: string;
}

interface Port {
  readonly protocol: 'UDP' | 'TCP' | 'SCTP';
  /** A name stands for whatever number a pod gives it. */
  readonly port: number | string;
}

const DIRECTIONS = ['Ingress', 'Egress'] as const;

/** isolatedAnew lists the pods that the policies isolate and those before them did not, of one pod of each sort that a selector tells apart. */
export function isolatedAnew(before: readonly Manifest[], after: readonly Manifest[]): readonly string[] {
  return namespacesOf(after).flatMap((namespace) => {
    const [old, now] = [policiesIn(before, namespace), policiesIn(after, namespace)];
    return podsOf(now).flatMap((pod) =>
      DIRECTIONS.filter((direction) => isIsolated(now, pod, direction) && !isIsolated(old, pod, direction)).map(
        (direction) => `${namespace}: ${JSON.stringify(pod)} for ${direction}`,
      ),
    );
  });
}

/** openedAnew lists the connections that the policies allow and those before them did not, but for those to cluster DNS. */
export function openedAnew(
  before: readonly Manifest[],
  after: readonly Manifest[],
  servers: readonly DnsServer[],
): readonly string[] {
  return namespacesOf(after).flatMap((home) => {
    const [old, now] = [policiesIn(before, home), policiesIn(after, home)];
    const rules = [...old, ...now].flatMap(({ spec }) => [...(spec.egress ?? []), ...(spec.ingress ?? [])]);
    const isOpened = (way: Way) => isAllowed(now, way) && !isAllowed(old, way) && !isDns(servers, way);
    const ways = waysFrom(podsOf([...old, ...now]), destinationsOf(rules, home), portsOf(rules), home);
    return ways.filter(isOpened).map((way) => JSON.stringify(way));
  });
}

/** A connection that a pod of the namespace `home` may want to make. */
interface Way {
  readonly home: string;
  readonly pod: PlainLabels;
  readonly to: Destination;
  readonly port: Port;
}

function waysFrom(
  pods: readonly PlainLabels[],
  destinations: readonly Destination[],
  ports: readonly Port[],
  home: string,
): readonly Way[] {
  return pods.flatMap((pod) => destinations.flatMap((to) => ports.map((port) => ({ home, pod, to, port }))));
}

function namespacesOf(documents: readonly Manifest[]): readonly string[] {
  return [...new Set(policiesOf(documents).map(({ metadata }) => metadata.namespace ?? 'default'))];
}

function policiesIn(documents: readonly Manifest[], namespace: string): readonly PolicyManifest[] {
  return policiesOf(documents).filter(({ metadata }) => (metadata.namespace ?? 'default') === namespace);
}

function policiesOf(documents: readonly Manifest[]): readonly PolicyManifest[] {
  return documents.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as PolicyManifest[];
}

function isIsolated(policies: readonly PolicyManifest[], pod: PlainLabels, direction: 'Ingress' | 'Egress'): boolean {
  return policies.some((policy) => isolates(policy, direction) && picks(policy.spec.podSelector ?? {}, pod));
}

function isAllowed(policies: readonly PolicyManifest[], { pod, to, port, home }: Way): boolean {
  if (!isIsolated(policies, pod, 'Egress')) return true;
  return policies
    .filter((policy) => isolates(policy, 'Egress') && picks(policy.spec.podSelector ?? {}, pod))
    .some(({ spec }) => (spec.egress ?? []).some((rule) => allows(rule ?? {}, to, port, home)));
}

function allows({ to, ports }: RuleManifest, destination: Destination, port: Port, home: string): boolean {
  const isOpen = isMissing(ports) || ports.some((entry) => opens(entry ?? {}, port));
  return isOpen && (isMissing(to) || to.some((peer) => matches(peer, destination, home)));
}

function isMissing(list: readonly unknown[] | null | undefined): list is null | undefined {
  return list === undefined || list === null || list.length === 0;
}

function opens({ protocol = 'TCP', port: first, endPort }: PortManifest, { protocol: wanted, port }: Port): boolean {
  if (protocol !== wanted) return false;
  if (first === undefined || first === null) return true;
  if (typeof first === 'string' || typeof port === 'string') return first === port;
  return first <= port && port <= (endPort ?? first);
}

function matches(peer: PeerManifest, destination: Destination, home: string): boolean {
  const { address } = destination;
  if (address === undefined) return matchesPod(peer, home, destination);
  if (peer.ipBlock === undefined) return false;
  const { cidr, except } = peer.ipBlock;
  return holds(cidr, address) && !(except ?? []).some((block) => holds(block, address));
}

function holds(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) !== isIP(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

function isDns(servers: readonly DnsServer[], { to, port: { protocol, port } }: Way): boolean {
  return servers.some((server) => {
    const { udp, tcp, udpNames, tcpNames } = server.ports;
    const isPort = [
      ...(protocol === 'UDP' ? [...udp, ...udpNames] : protocol === 'TCP' ? [...tcp, ...tcpNames] : []),
    ].includes(port);
    if (!isPort) return false;
    if (server.kind === 'addresses')
      return (
        to.address !== undefined &&
        addressesOf(`${to.address}/${isIP(to.address) === 6 ? 128 : 32}`).isSubset(server.addresses)
      );
    const [namespace, labels] = [to.namespaceLabels, to.labels].map((own) => new Map(Object.entries(own)));
    return (
      to.address === undefined &&
      server.namespaces.matches(namespace ?? new Map()) &&
      server.pods.matches(labels ?? new Map())
    );
  });
}

/** One pod for each selector, for each two of them together, and one that nothing selects. */
function podsOf(policies: readonly PolicyManifest[]): readonly PlainLabels[] {
  const examples = policies.slice(0, 6).map(({ spec }) => exampleOf(spec.podSelector));
  const pairs = examples.flatMap((one) => examples.map((other) => ({ ...one, ...other })));
  return distinct([{}, { fresh: 'yes' }, ...examples, ...pairs]);
}

function exampleOf(selector: Selector | null | undefined): PlainLabels {
  const { matchLabels, matchExpressions } = selector ?? {};
  const needed = (matchExpressions ?? []).flatMap(({ key, operator, values = [] }) =>
    operator === 'In' || operator === 'Exists' ? [[key, values[0] ?? 'any'] as const] : [],
  );
  return { ...Object.fromEntries(needed), ...matchLabels };
}

const ADDRESSES = [
  '8.8.8.8',
  '1.2.3.4',
  '200.1.2.3',
  '10.0.0.5',
  '10.96.0.10',
  '169.254.20.10',
  '2001:4860:4860::8888',
  'fd00::5',
];

function destinationsOf(rules: readonly RuleManifest[], home: string): readonly Destination[] {
  const peers = rules.flatMap((rule) => [...(rule?.to ?? []), ...(rule?.from ?? [])]).slice(0, 40);
  const names = [home, 'kube-system', 'openshift-dns', 'brand-new'];
  const namespaces = [
    ...names.map((name): PlainLabels => ({ 'kubernetes.io/metadata.name': name })),
    ...peers.flatMap(({ namespaceSelector }) =>
      namespaceSelector ? [{ 'kubernetes.io/metadata.name': 'labelled', ...exampleOf(namespaceSelector) }] : [],
    ),
  ];
  const pods = [
    {},
    { 'k8s-app': 'kube-dns' },
    ...peers.flatMap(({ podSelector }) => (podSelector ? [exampleOf(podSelector)] : [])),
  ];
  const blocks = peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr.split('/')[0] ?? ''] : []));
  const addresses = [...ADDRESSES, ...blocks.filter((address) => isIP(address) !== 0)];
  return [
    ...distinct(namespaces).flatMap((namespaceLabels) =>
      distinct(pods).map((labels) => ({
        namespace: namespaceLabels['kubernetes.io/metadata.name'] ?? '',
        namespaceLabels,
        labels,
      })),
    ),
    ...[...new Set(addresses)].map((address) => ({ namespace: '', namespaceLabels: {}, labels: {}, address })),
  ];
}

const NUMBERS = [1, 52, 53, 54, 80, 443, 853, 5353, 8053, 65535];

function portsOf(rules: readonly RuleManifest[]): readonly Port[] {
  const given = rules.flatMap((rule) => rule?.ports ?? []).slice(0, 40);
  const mentioned = given.flatMap(({ port, endPort }) => [port ?? [], endPort ?? []].flat());
  const ports = [...new Set([...NUMBERS, ...mentioned])];
  return (['UDP', 'TCP', 'SCTP'] as const).flatMap((protocol) => ports.map((port) => ({ protocol, port })));
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
