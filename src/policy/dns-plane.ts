import { type Coverage, isCovered, newBudget } from '../sets/coverage.ts';
import { LabelSelector, type Labels } from '../sets/label-selector.ts';
import type { ValueSet } from '../sets/value-set.ts';
import { NAMESPACE_NAME } from './dns-presets.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from './dns-reach.ts';
import type { DnsPods } from './dns-server.ts';
import type { AllowRule, Peer, Policy } from './model.ts';
import type { PolicyState } from './policy-state.ts';

/** DnsPlane is the DNS pods of one server, as the policies of their namespace treat them. */
export interface DnsPlane {
  readonly isolatedForIngress: boolean;
  readonly isolatedForEgress: boolean;
  /** Who may reach the DNS port, as selectors over clients; see `clientSelector`. */
  readonly clients: Readonly<Record<DnsProtocol, readonly LabelSelector[]>>;
  /** Holds where a block of addresses may let in more, depending on the network plugin. */
  readonly byAddress: boolean;
  /** Holds where some connection to port 53 is allowed on the way out. */
  readonly mayAsk: boolean;
}

/** dnsPlane reads how the policies of a state treat the DNS pods that carry the labels picked by `pods`. */
export function dnsPlane(
  state: PolicyState,
  server: DnsPods,
  selects: (policy: Policy) => boolean,
  dnsPorts: readonly number[],
): DnsPlane {
  const policies = [...state.all()].filter(selects);
  const ingress = policies.flatMap((policy) =>
    policy.ingress.map((rule) => ({ rule, namespace: policy.ref.namespace })),
  );
  const egress = policies.flatMap((policy) => policy.egress);
  const clients = (protocol: DnsProtocol) =>
    ingress
      .filter(({ rule }) => opens(rule, server, protocol))
      .flatMap(({ rule, namespace }) => clientsOf(rule, namespace));
  return {
    isolatedForIngress: policies.some((policy) => policy.isolatesIngress),
    isolatedForEgress: policies.some((policy) => policy.isolatesEgress),
    clients: { UDP: clients('UDP'), TCP: clients('TCP') },
    byAddress: ingress.some(({ rule }) => rule.peers !== 'any' && rule.peers.some((peer) => peer.kind === 'addresses')),
    mayAsk: egress.some(({ ports }) =>
      DNS_PROTOCOLS.some((protocol) => dnsPorts.some((port) => ports.has(protocol, port))),
    ),
  };
}

function opens({ ports }: AllowRule, server: DnsPods, protocol: DnsProtocol): boolean {
  const { udp, tcp, udpNames, tcpNames } = server.ports;
  const [numbers, names] = protocol === 'UDP' ? [udp, udpNames] : [tcp, tcpNames];
  return numbers.some((port) => ports.has(protocol, port)) || names.some((name) => ports.hasName(protocol, name));
}

function clientsOf(rule: AllowRule, namespace: string): readonly LabelSelector[] {
  if (rule.peers === 'any') return [LabelSelector.everything];
  return rule.peers.flatMap((peer) => (peer.kind === 'pods' ? [clientSelector(peer, namespace)] : []));
}

const IN_NAMESPACE = 'namespace ';
const IN_POD = 'pod ';

/** clientSelector puts a peer's two selectors into one, over keys told apart by a prefix. */
function clientSelector(peer: Extract<Peer, { kind: 'pods' }>, namespace: string): LabelSelector {
  const namespaces =
    peer.namespaces === 'own' ? LabelSelector.of(new Map([[NAMESPACE_NAME, namespace]])) : peer.namespaces;
  const constraints = new Map<string, ValueSet>();
  for (const [key, set] of namespaces.constraints) constraints.set(IN_NAMESPACE + key, set);
  for (const [key, set] of peer.pods.constraints) constraints.set(IN_POD + key, set);
  return new LabelSelector(constraints);
}

/** shutOut decides whether every pod of every namespace may reach the DNS port; where not, the witness is one that may not. */
export function shutOut(plane: DnsPlane, protocol: DnsProtocol): Coverage {
  if (!plane.isolatedForIngress) return { kind: 'covered' };
  return isCovered(LabelSelector.everything, plane.clients[protocol], newBudget());
}

/** isWorse holds where a client that was let in before is shut out after. */
export function isWorse(before: DnsPlane, after: DnsPlane, protocol: DnsProtocol): boolean {
  if (!before.isolatedForIngress) return shutOut(after, protocol).kind !== 'covered';
  return before.clients[protocol].some(
    (client) => isCovered(client, after.clients[protocol], newBudget()).kind !== 'covered',
  );
}

/** describeClient shows a witness: `pods labelled app=web in a namespace named other`. */
export function describeClient(witness: Labels): string {
  const part = (prefix: string) =>
    [...witness]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value] as const);
  const pod = part(IN_POD);
  const pods = pod.length === 0 ? 'pods' : `pods labelled ${pod.map((pair) => pair.join('=')).join(',')}`;
  const inNamespace = part(IN_NAMESPACE);
  if (inNamespace.length === 0) return `${pods} of other namespaces`;
  return `${pods} in a namespace labelled ${inNamespace.map((pair) => pair.join('=')).join(',')}`;
}
