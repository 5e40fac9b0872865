import type { DnsServer } from '../model/dns-server.ts';

/** wayTo is a key for the way in which policies can name a server: different keys are different ways to it. */
export function wayTo(server: DnsServer): string {
  const { udp, tcp } = server.ports;
  const ports = [udp, tcp].map((numbers) => [...new Set(numbers)].sort((a, b) => a - b));
  if (server.kind === 'addresses') return JSON.stringify(['blocks', server.blocks, ports]);
  const { namespace, namespaces, pods } = server;
  return JSON.stringify(['Pods', namespace ?? namespaces.key, pods.key, ports]);
}
