import {
  type NetworkPolicySpec,
  type SpecPeer,
  type SpecPort,
  selectorOf,
} from '../dialects/network-policy/network-policy-spec.ts';
import type { DnsServer } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import { wayTo } from './way.ts';

/**
 * dnsEgress writes the `egress` that lets pods reach DNS servers: one rule for all that listen on the same ports, so
 * that no port is opened to a server that does not listen on it. Pods come first. The result does not depend on the
 * order in which the servers were found, so that a new order does not rewrite a policy.
 */
export function dnsEgress(servers: readonly DnsServer[]): NetworkPolicySpec['egress'] {
  const byPorts = new Map<string, { to: SpecPeer[]; ports: readonly SpecPort[] }>();
  for (const server of inOrder(servers)) {
    const ports = dnsSpecPorts([server]);
    const key = JSON.stringify(ports);
    const rule = byPorts.get(key) ?? { to: [], ports };
    rule.to.push(...dnsSpecPeers(server));
    byPorts.set(key, rule);
  }
  return [...byPorts.values()].filter(({ to, ports }) => to.length > 0 && ports.length > 0);
}

/** Two Services may select the same pods: each way counts once. */
function inOrder(servers: readonly DnsServer[]): readonly DnsServer[] {
  const byWay = new Map(servers.map((server) => [wayTo(server), server]));
  return [...byWay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, server]) => server);
}

/** dnsSpecPeers writes the `to` that names a server. */
export function dnsSpecPeers(server: DnsServer): readonly SpecPeer[] {
  if (server.kind === 'addresses') return server.blocks.map((cidr) => ({ ipBlock: { cidr } }));
  const namespaceSelector =
    server.namespace === undefined
      ? selectorOf(server.namespaces)
      : { matchLabels: { [NAMESPACE_NAME]: server.namespace } };
  return [{ namespaceSelector, ...(!server.pods.isEverything && { podSelector: selectorOf(server.pods) }) }];
}

/** dnsSpecPorts writes the `ports` that servers listen on, UDP first; by name if the pod's port number is unknown. */
export function dnsSpecPorts(servers: readonly DnsServer[]): readonly SpecPort[] {
  return (['UDP', 'TCP'] as const).flatMap((protocol) => {
    const found = new Set(servers.flatMap((server) => portsOf(server, protocol)));
    const numbers = [...found].filter((port) => typeof port === 'number').sort((a, b) => a - b);
    const names = [...found].filter((port) => typeof port === 'string');
    return [...numbers, ...names].map((port) => ({ protocol, port }));
  });
}

/** Names only resolve on pods. */
function portsOf({ kind, ports }: DnsServer, protocol: SpecPort['protocol']): readonly (number | string)[] {
  const [numbers, names] = protocol === 'UDP' ? [ports.udp, ports.udpNames] : [ports.tcp, ports.tcpNames];
  return numbers.length === 0 && kind === 'pods' ? names : numbers;
}
