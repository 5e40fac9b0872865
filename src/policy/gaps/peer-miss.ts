import { dnsServersText } from '../dns/allow-dns.ts';
import type { DnsReach } from '../dns/reach.ts';
import { describePeer, describeSelector } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { Peer, PodPeer } from '../model/policy.ts';
import { misplacedText } from './misplaced-text.ts';

/** peerMiss explains why a peer selects no DNS server: `selects namespaces name=kube-system, ...`. */
export function peerMiss(peer: Peer, namespace: string, reach: DnsReach): string | undefined {
  const servers = reach.world.servers;
  if (servers.some((server) => reach.ofPeer(peer, server, namespace) === 'yes')) return undefined;
  const found = dnsServersText(reach.world);
  if (peer.kind === 'addresses') return `names ${describePeer(peer)}, which holds no address of cluster DNS (${found})`;
  const onNodes = onNodesText(peer, namespace, reach);
  if (onNodes !== undefined) return onNodes;
  const inPods = servers.filter((server): server is DnsPods => server.kind === 'pods');
  const [pods] = inPods;
  if (pods === undefined)
    return `selects ${describePeer(peer)}, but cluster DNS (${found}) has no pods, only addresses`;
  const misplaced = misplacedText(peer, [...inPods, ...(reach.world.perhaps ?? [])]);
  if (misplaced !== undefined) return misplaced;
  if (peer.namespaces === 'own') {
    return `selects ${describePeer(peer)}, ${namespace}, and cluster DNS is ${found}; its namespaceSelector belongs in the same item`;
  }
  const rightPods = { ...peer, pods: pods.pods };
  const byNamespace = reach.ofPeer(rightPods, pods, namespace);
  if (byNamespace === 'unsure') {
    return `selects namespaces ${describeSelector(peer.namespaces)}, which may not include the one of cluster DNS (${found})`;
  }
  if (byNamespace !== 'yes') {
    const label = pods.namespace === undefined ? '' : `; write ${NAMESPACE_NAME}: ${pods.namespace}`;
    return `selects namespaces ${describeSelector(peer.namespaces)}, not the one of cluster DNS (${found})${label}`;
  }
  if (reach.ofPeer(peer, pods, namespace) === 'unsure') {
    return `selects pods ${describeSelector(peer.pods)}, which may not include the DNS pods (${describeSelector(pods.pods)})`;
  }
  return `selects pods ${describeSelector(peer.pods)}, but the DNS pods are ${describeSelector(pods.pods)} (${found})`;
}

/** The fix has them all. */
function someOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function onNodesText(peer: PodPeer, namespace: string, reach: DnsReach): string | undefined {
  for (const server of reach.world.servers) {
    if (server.kind === 'addresses' && reach.isOnNodes(peer, server, namespace)) {
      return `selects ${describePeer(peer)}, which run on their nodes' network, where no podSelector counts; name ${someOf(server.blocks)}`;
    }
  }
  return undefined;
}
