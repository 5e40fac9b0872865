import { type Atoms, atomsOfBlock, EVERY_ADDRESS } from './atoms.ts';
import type { PeerManifest, PolicyManifest, PortManifest, RuleManifest, Selector } from './manifest.ts';
import type { NamedPort, PlainLabels, PodDestination } from './places.ts';
import { PORT_SAMPLES } from './vocabulary.ts';

export type Transport = 'UDP' | 'TCP';

/** picks reads a LabelSelector as the API documents it. */
export function picks(selector: Selector, labels: PlainLabels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const listed = value !== undefined && values.includes(value);
      return operator === 'In' ? listed : !listed;
    })
  );
}

/** isolates applies the defaults of `policyTypes`: Ingress always, Egress where there is an egress rule. */
export function isolates({ spec }: PolicyManifest, direction: 'Ingress' | 'Egress'): boolean {
  if (spec.policyTypes !== undefined && spec.policyTypes.length > 0) return spec.policyTypes.includes(direction);
  return direction === 'Ingress' || (spec.egress ?? []).length > 0;
}

/** egressRules are the rules in force for a pod: those of every policy that picks it and isolates it for egress. */
export function egressRules(policies: readonly PolicyManifest[], pod: PlainLabels): RuleManifest[] {
  return policies
    .filter((policy) => isolates(policy, 'Egress') && picks(policy.spec.podSelector, pod))
    .flatMap((policy) => policy.spec.egress ?? []);
}

/** null, [] and missing are the same for every list of the API. */
const isMissing = (list: readonly unknown[] | undefined): list is undefined => list === undefined || list.length === 0;

function openNumber(entry: PortManifest, protocol: Transport, port: number): boolean {
  if ((entry.protocol ?? 'TCP') !== protocol) return false;
  if (entry.port === undefined) return true;
  return typeof entry.port === 'number' && entry.port <= port && port <= (entry.endPort ?? entry.port);
}

/** opensNumber says whether the rule opens a port number as a number. */
export function opensNumber(rule: RuleManifest, protocol: Transport, port: number): boolean {
  return isMissing(rule.ports) || rule.ports.some((entry) => openNumber(entry, protocol, port));
}

/** opensName says whether the rule opens a port by this name, or every port: a name always stands for some number. */
export function opensName(rule: RuleManifest, protocol: Transport, name: string): boolean {
  const isNamed = (rule.ports ?? []).some((entry) => (entry.protocol ?? 'TCP') === protocol && entry.port === name);
  return isNamed || opensEveryNumber(rule, protocol);
}

/** opensEveryNumber says whether the rule opens every port of a protocol. */
export function opensEveryNumber(rule: RuleManifest, protocol: Transport): boolean {
  return PORT_SAMPLES.every((port) => opensNumber(rule, protocol, port));
}

/** hasNames says whether the rule lists ports by name, short of every port. */
export function hasNames(rule: RuleManifest, protocol: Transport): boolean {
  const isNamed = ({ protocol: own = 'TCP', port }: PortManifest) => own === protocol && typeof port === 'string';
  return (rule.ports ?? []).some(isNamed) && !opensEveryNumber(rule, protocol);
}

/** opensPortOf says whether the rule opens a port of a pod, by number or by the name that the pod gives it. */
export function opensPortOf(rule: RuleManifest, protocol: Transport, port: number, names: readonly NamedPort[]) {
  const own = names.filter((named) => named.protocol === protocol && named.port === port);
  return (
    opensNumber(rule, protocol, port) ||
    (rule.ports ?? []).some(
      (entry) => (entry.protocol ?? 'TCP') === protocol && own.some(({ name }) => name === entry.port),
    )
  );
}

/** matchesPod reads one peer of a policy in `home` against a pod. An ipBlock never counts here. */
export function matchesPod(peer: PeerManifest, home: string, pod: PodDestination): boolean {
  if (peer.ipBlock !== undefined) return false;
  const inNamespace =
    peer.namespaceSelector === undefined ? pod.namespace === home : picks(peer.namespaceSelector, pod.namespaceLabels);
  return inNamespace && picks(peer.podSelector ?? {}, pod.labels);
}

/** goesAnywhere holds where the rule names no destination at all. */
export function goesAnywhere(rule: RuleManifest): boolean {
  return isMissing(rule.to);
}

/** addressesOf returns the addresses that the rule's destinations hold. */
export function addressesOf(rule: RuleManifest): Atoms {
  if (isMissing(rule.to)) return EVERY_ADDRESS;
  const blocks = rule.to.map(({ ipBlock }) =>
    ipBlock === undefined ? 0n : atomsOfBlock(ipBlock.cidr, ipBlock.except),
  );
  return blocks.reduce((all, block) => all | block, 0n);
}
