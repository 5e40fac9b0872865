import type { Json } from '../../objects/fields.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Protocol } from '../../sets/port-set.ts';
import { selectorOf } from '../dialects/network-policy/network-policy-spec.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsEgress, dnsSpecPeers, dnsSpecPorts } from './dns-egress.ts';

/** dnsPeers returns the items of `to` that name the DNS servers of a world. */
export function dnsPeers({ servers }: DnsWorld): readonly object[] {
  return servers.flatMap(dnsSpecPeers);
}

/** dnsPorts returns the items of `ports` for the DNS servers of a world: the ports that they really listen on. */
export function dnsPorts({ servers }: DnsWorld): readonly object[] {
  return dnsSpecPorts(servers).map(portItem);
}

/** dnsRules returns the items of `egress` that allow DNS: one, unless servers differ in their ports. */
export function dnsRules({ servers }: DnsWorld): readonly object[] {
  return dnsEgress(servers).map(({ to, ports = [] }) => ({ to, ports: ports.map(portItem) }));
}

/** dnsPolicy returns a NetworkPolicy that lets these pods reach DNS, ready to apply. */
export function dnsPolicy(namespace: string, name: string, pods: LabelSelector, world: DnsWorld): Json {
  return policyOf(namespace, name, pods, { policyTypes: ['Egress'], egress: dnsRules(world) });
}

/** policyOf returns a NetworkPolicy for these pods. */
export function policyOf(namespace: string, name: string, pods: LabelSelector, spec: Json): Json {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: pods.isEverything ? {} : selectorOf(pods), ...spec },
  };
}

/** portItem puts the port first, as people write it. */
export function portItem({ port, protocol }: { readonly port: number | string; readonly protocol: Protocol }): object {
  return { port, protocol };
}

/** dnsPortsText shows the ports for a sentence: `UDP and TCP 53`, `UDP 53 and TCP 5353`. */
export function dnsPortsText({ servers }: DnsWorld): string {
  const ports = dnsSpecPorts(servers);
  const over = (protocol: string) => ports.flatMap((port) => (port.protocol === protocol ? [port.port] : [])).join('/');
  const [udp, tcp] = [over('UDP'), over('TCP')];
  return udp === tcp ? `UDP and TCP ${udp}` : `UDP ${udp} and TCP ${tcp}`;
}

/** dnsServersText names the DNS servers for a sentence: `kube-system/kube-dns`. */
export function dnsServersText({ servers }: DnsWorld): string {
  return servers.map((server) => server.name).join(' or ');
}
