import type { PeerManifest, RuleManifest } from '../../oracle/manifest.ts';
import { egressRules, isolates, matchesPod, opensNumber, opensPortOf, picks } from '../../oracle/matching.ts';
import { inBlock } from './blocks.ts';
import { clientIn, dnsPodIn, type Pod, policiesOf, portOf, type Question, TARGETS, type World } from './world.ts';

/**
 * bruteForce reads the policies of a world as the API documents them, rule by rule and pod by pod. Where the API leaves
 * open what a block of addresses means for a pod behind a Service, it is the pod's address that counts.
 */
export function bruteForce(world: World, { client, target, transport }: Question): boolean {
  const pod = clientIn(world, client);
  const port = portOf(world, target);
  const own = policiesOf(world, pod.namespace);
  const isolating = own.some((policy) => isolates(policy, 'Egress') && picks(policy.spec.podSelector, pod.labels));
  const rules = egressRules(own, pod.labels);
  if (target !== 'dns') {
    const { server } = TARGETS[target];
    return !isolating || rules.some((rule) => opensNumber(rule, transport, port) && holds(rule.to, server));
  }
  const dns = dnsPodIn(world);
  const opensTo = (rule: RuleManifest) =>
    (opensPortOf(rule, transport, port, dns.ports) && names(rule.to, pod.namespace, dns)) ||
    (opensNumber(rule, transport, port) && holds(rule.to, dns.address));
  if (isolating && !rules.some(opensTo)) return false;

  const guarding = policiesOf(world, dns.namespace).filter(
    (policy) => isolates(policy, 'Ingress') && picks(policy.spec.podSelector, dns.labels),
  );
  const entrances = guarding.flatMap(({ spec }) => spec.ingress ?? []);
  // On the way in a name stands for the port of the pod that is asked, whoever asks.
  const opensIn = (rule: RuleManifest) =>
    opensPortOf(rule, transport, port, dns.ports) &&
    (names(rule.from, dns.namespace, pod) || holds(rule.from, pod.address));
  return guarding.length === 0 || entrances.some(opensIn);
}

const isMissing = (peers: readonly PeerManifest[] | undefined): peers is undefined => (peers ?? []).length === 0;

function names(peers: readonly PeerManifest[] | undefined, home: string, pod: Pod): boolean {
  return isMissing(peers) || peers.some((peer) => matchesPod(peer, home, pod));
}

function holds(peers: readonly PeerManifest[] | undefined, address: string): boolean {
  return isMissing(peers) || peers.some(({ ipBlock }) => ipBlock !== undefined && inBlock(ipBlock, address));
}
