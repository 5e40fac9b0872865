import { type Budget, type Coverage, isCovered } from '../sets/coverage.ts';
import { LabelSelector } from '../sets/label-selector.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from './dns-reach.ts';
import type { DnsPods } from './dns-server.ts';
import type { AllowRule, Policy } from './model.ts';
import { peerSelectors } from './pod-grants.ts';
import type { PolicyState } from './policy-state.ts';

/** DnsPlane is the DNS pods of one server, as the policies of their namespace treat them. */
export interface DnsPlane {
  readonly isolatedForIngress: boolean;
  readonly isolatedForEgress: boolean;
  /** Who may reach the DNS port, as `peerSelectors` gives it. */
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
      .flatMap(({ rule, namespace }) => peerSelectors(rule.peers, namespace));
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

/** shutOut decides whether every pod of every namespace may reach the DNS port; where not, the witness is one that may not. */
export function shutOut(plane: DnsPlane, protocol: DnsProtocol, budget: Budget): Coverage {
  if (!plane.isolatedForIngress) return { kind: 'covered' };
  return isCovered(LabelSelector.everything, plane.clients[protocol], budget);
}

/** isWorse holds where a client that was let in before is shut out after. */
export function isWorse(before: DnsPlane, after: DnsPlane, protocol: DnsProtocol, budget: Budget): boolean {
  if (!before.isolatedForIngress) return shutOut(after, protocol, budget).kind !== 'covered';
  return before.clients[protocol].some(
    (client) => isCovered(client, after.clients[protocol], budget).kind !== 'covered',
  );
}
