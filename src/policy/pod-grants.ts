import { type Budget, type Coverage, isCovered } from '../sets/coverage.ts';
import { LabelSelector, type Labels } from '../sets/label-selector.ts';
import type { ValueSet } from '../sets/value-set.ts';
import { NAMESPACE_NAME } from './dns-presets.ts';
import type { AllowRule, Peer, Policy } from './model.ts';

const OF_SUBJECT = 'subject ';
const OF_NAMESPACE = 'namespace ';
const OF_POD = 'pod ';

/**
 * peerSelectors returns whom the peers of a rule name among pods: selectors over the labels of a pod and of its namespace
 * at once, told apart by a prefix. `any` names every pod, addresses none.
 */
export function peerSelectors(peers: AllowRule['peers'], namespace: string): readonly LabelSelector[] {
  if (peers === 'any') return [LabelSelector.everything];
  return peers.flatMap((peer) => (peer.kind === 'pods' ? [peerSelector(peer, namespace)] : []));
}

function peerSelector(peer: Extract<Peer, { kind: 'pods' }>, namespace: string): LabelSelector {
  const own = () => LabelSelector.of(new Map([[NAMESPACE_NAME, namespace]]));
  return together([
    [OF_NAMESPACE, peer.namespaces === 'own' ? own() : peer.namespaces],
    [OF_POD, peer.pods],
  ]);
}

function together(parts: readonly (readonly [prefix: string, selector: LabelSelector])[]): LabelSelector {
  const constraints = new Map<string, ValueSet>();
  for (const [prefix, selector] of parts) {
    for (const [key, set] of selector.constraints) constraints.set(prefix + key, set);
  }
  return new LabelSelector(constraints);
}

/** describePeerWitness shows labels that escaped peerSelectors: `pods labelled app=web in a namespace labelled team=a`. */
export function describePeerWitness(witness: Labels): string {
  const part = (prefix: string) =>
    [...witness]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => `${key.slice(prefix.length)}=${value}`)
      .join(',');
  const pods = part(OF_POD) === '' ? 'pods' : `pods labelled ${part(OF_POD)}`;
  return part(OF_NAMESPACE) === ''
    ? `${pods} of other namespaces`
    : `${pods} in a namespace labelled ${part(OF_NAMESPACE)}`;
}

/** PodGrants is what policies of one namespace let their subjects reach among pods, by the rules that count. */
export class PodGrants {
  private readonly namespace: string;
  private readonly covers = new Map<string, LabelSelector>();

  constructor(policies: Iterable<Policy>, namespace: string, counts: (rule: AllowRule) => boolean) {
    this.namespace = namespace;
    for (const policy of policies) {
      for (const rule of policy.egress) {
        if (!counts(rule)) continue;
        for (const peer of peerSelectors(rule.peers, namespace)) {
          const cover = from(policy.subject, peer);
          this.covers.set(cover.key, cover);
        }
      }
    }
  }

  /** hold decides whether each pod that `subject` selects already reaches each pod that the peers name. */
  hold(subject: LabelSelector, peers: AllowRule['peers'], budget: Budget): Coverage['kind'] {
    for (const peer of peerSelectors(peers, this.namespace)) {
      const wanted = from(subject, peer);
      if (this.covers.has(wanted.key)) continue;
      const { kind } = isCovered(wanted, this.covers.values(), budget);
      if (kind !== 'covered') return kind;
    }
    return 'covered';
  }
}

function from(subject: LabelSelector, peer: LabelSelector): LabelSelector {
  return together([
    [OF_SUBJECT, subject],
    ['', peer],
  ]);
}
