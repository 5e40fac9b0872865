import type { LabelSelector } from '../../sets/label-selector.ts';
import { describePeer } from '../model/describe.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { AllowRule, Peer } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';

/** TenantPeer is a peer of a rule that any tenant can become. */
export interface TenantPeer {
  readonly rule: AllowRule;
  readonly path: string;
  readonly peers: AllowRule['peers'];
  /** As a message names it. */
  readonly who: string;
}

/** tenantPeers returns the peers of a rule that any tenant can become; a rule without `to` is one. */
export function tenantPeers(situation: Situation, rule: AllowRule): readonly TenantPeer[] {
  if (rule.peers === 'any') return [{ rule, path: rule.path, peers: 'any', who: 'every pod of every namespace' }];
  return rule.peers
    .filter((peer) => picksAnyNamespace(peer) && picksTenantPods(situation, peer))
    .map((peer) => ({ rule, path: peer.path, peers: [peer], who: describePeer(peer) }));
}

/** picksAnyNamespace tests a namespace that no selector names, with only the label that the API server sets. */
function picksAnyNamespace(peer: Peer): boolean {
  if (peer.kind !== 'pods' || peer.namespaces === 'own') return false;
  const mentioned = peer.namespaces.constraints.get(NAMESPACE_NAME)?.values ?? new Set();
  let name = 'tenant';
  while (mentioned.has(name)) name += '-x';
  return peer.namespaces.matches(new Map([[NAMESPACE_NAME, name]]));
}

/** All pods, or pods that carry the labels of DNS pods, which any tenant can give. */
function picksTenantPods({ reaches }: Situation, peer: Peer): boolean {
  if (peer.kind !== 'pods') return false;
  if (peer.pods.matches(new Map())) return true;
  return reaches.some(({ world }) =>
    [...world.servers, ...(world.perhaps ?? [])].some(
      (server) =>
        server.kind === 'pods' &&
        (carries(server.pods, peer.pods) || (server.livePods ?? []).some((labels) => peer.pods.matches(labels))),
    ),
  );
}

function carries(dnsPods: LabelSelector, selector: LabelSelector): boolean {
  return !dnsPods.isEmpty && selector.matches(dnsPods.example());
}
