import type { DnsServer } from '../model/dns-server.ts';
import type { AllowRule, Peer, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { DNS_PROTOCOLS, type DnsReach } from './reach.ts';

/** namesOnlyDns holds where a peer is nothing but servers of cluster DNS. */
export function namesOnlyDns(peer: Peer, { world }: DnsReach): boolean {
  return world.servers.some((server) => {
    if (peer.kind === 'addresses') return server.kind === 'addresses' && peer.addresses.isSubset(server.addresses);
    if (server.kind !== 'pods' || peer.namespaces === 'own') return false;
    return peer.namespaces.isSubset(server.namespaces) && peer.pods.isSubset(server.pods);
  });
}

/** opensPorts holds where a rule opens every port, by number, on which the servers listen. */
export function opensPorts({ ports }: AllowRule, { servers }: DnsWorld): boolean {
  return servers.every((server) =>
    DNS_PROTOCOLS.every((protocol) => {
      const numbers = protocol === 'UDP' ? server.ports.udp : server.ports.tcp;
      return numbers.every((port) => ports.has(protocol, port));
    }),
  );
}

/**
 * allowsDnsBeside holds where a policy has rules, besides one of its own, that let its pods reach every server of a world. A
 * rule counts only for peers that nobody is told to remove: pods, and addresses of cluster DNS itself.
 */
export function allowsDnsBeside(rule: AllowRule, { egress, ref }: Policy, reach: DnsReach, world: DnsWorld): boolean {
  const isAllowed = (server: DnsServer) =>
    egress.some(
      (other) =>
        other !== rule &&
        other.peers !== 'any' &&
        opensPorts(other, { ...world, servers: [server] }) &&
        other.peers.some((peer) => namesServer(peer, server, reach, ref.namespace)),
    );
  return world.servers.length > 0 && world.servers.every(isAllowed);
}

function namesServer(peer: Peer, server: DnsServer, reach: DnsReach, namespace: string): boolean {
  const isSafe = peer.kind === 'pods' || namesOnlyDns(peer, reach);
  return isSafe && reach.ofPeer(peer, server, namespace) === 'yes';
}
