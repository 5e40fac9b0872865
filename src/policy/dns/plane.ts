import { AddressSet } from '../../sets/address-set.ts';
import type { Budget } from '../../sets/budget.ts';
import { type Coverage, isCovered } from '../../sets/coverage.ts';
import { PRIVATE } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { DnsPods } from '../model/dns-server.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { PolicyState } from '../model/policy-state.ts';
import { EVERY_POD, peerSelectors } from './pod-grants.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from './reach.ts';

/** DnsPlane is the DNS pods of one server, as the policies of their namespace treat them. */
export interface DnsPlane {
  readonly isolatedForIngress: boolean;
  readonly isolatedForEgress: boolean;
  /** Who may reach the DNS port, as `peerSelectors` gives it. */
  readonly clients: Readonly<Record<DnsProtocol, readonly LabelSelector[]>>;
  /** Whether a block of addresses may admit more clients, depending on the network plugin. */
  readonly byAddress: boolean;
  /** Whether some egress to port 53 is allowed. */
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
  // A policy that is being deleted still isolates, but no client can rely on what it admits.
  const staying = policies.filter(({ deleting }) => !deleting);
  const ingress = staying.flatMap((policy) =>
    policy.ingress.map((rule) => ({ rule, namespace: policy.ref.namespace })),
  );
  const egress = staying.flatMap((policy) => policy.egress);
  const clients = (protocol: DnsProtocol) =>
    ingress
      .filter(({ rule }) => opens(rule, server, protocol))
      .flatMap(({ rule, namespace }) => peerSelectors(rule.peers, namespace));
  return {
    isolatedForIngress: policies.some((policy) => policy.isolatesIngress),
    isolatedForEgress: policies.some((policy) => policy.isolatesEgress),
    clients: { UDP: clients('UDP'), TCP: clients('TCP') },
    byAddress: ingress.some(
      ({ rule }) => DNS_PROTOCOLS.some((protocol) => opens(rule, server, protocol)) && holdsPodRange(rule),
    ),
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

/** The smallest range of addresses from which pods of a whole cluster can come: a node's usual share, a /24. */
const SMALLEST_POD_RANGE = 256n;

function holdsPodRange({ peers }: AllowRule): boolean {
  if (peers === 'any') return false;
  const blocks = peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer.addresses] : []));
  return AddressSet.unionAll(blocks).intersect(PRIVATE).size >= SMALLEST_POD_RANGE;
}

/**
 * shutOut decides whether every pod of every namespace may reach the DNS port; if not, the witness is one that may not.
 */
export function shutOut(plane: DnsPlane, protocol: DnsProtocol, budget: Budget): Coverage {
  if (!plane.isolatedForIngress) return { kind: 'covered' };
  return isCovered(EVERY_POD, plane.clients[protocol], budget);
}

/** keepsClients decides whether each client that was admitted before is admitted after. */
export function keepsClients(
  before: DnsPlane,
  after: DnsPlane,
  protocol: DnsProtocol,
  budget: Budget,
): Coverage['kind'] {
  if (!before.isolatedForIngress) return shutOut(after, protocol, budget).kind;
  if (!after.isolatedForIngress) return 'covered';
  const kept = new Set(after.clients[protocol].map(({ key }) => key));
  for (const client of before.clients[protocol]) {
    if (kept.has(client.key)) continue;
    const { kind } = isCovered(client, after.clients[protocol], budget);
    if (kind !== 'covered') return kind;
  }
  return 'covered';
}
