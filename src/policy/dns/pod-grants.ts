import { type Budget, BudgetSpent } from '../../sets/budget.ts';
import { isCovered } from '../../sets/coverage.ts';
import { LabelSelector, type Labels } from '../../sets/label-selector.ts';
import type { ValueSet } from '../../sets/value-set.ts';
import { shorten } from '../model/describe.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { AllowRule, Peer, Policy } from '../model/policy.ts';

const OF_SUBJECT = 'subject ';
const OF_NAMESPACE = 'namespace ';
const OF_POD = 'pod ';

/**
 * peerSelectors returns the pods that the peers of a rule name, as selectors over the labels of a pod and of its
 * namespace at once, distinguished by a prefix. `any` names every pod, addresses none.
 */
export function peerSelectors(peers: AllowRule['peers'], namespace: string): readonly LabelSelector[] {
  if (peers === 'any') return [EVERY_POD];
  return peers.flatMap((peer) => (peer.kind === 'pods' ? [peerSelector(peer, namespace)] : []));
}

function peerSelector(peer: Extract<Peer, { kind: 'pods' }>, namespace: string): LabelSelector {
  const namespaces =
    peer.namespaces === 'own' ? LabelSelector.of(new Map([[NAMESPACE_NAME, namespace]])) : peer.namespaces;
  return together([
    [OF_NAMESPACE, namespaces.intersect(NAMED)],
    [OF_POD, peer.pods],
  ]);
}

/** Every namespace carries its name as a label. */
const NAMED = LabelSelector.of(new Map(), [{ key: NAMESPACE_NAME, operator: 'Exists', values: [] }]);

/** EVERY_POD picks every pod of every namespace, as peerSelectors would. */
export const EVERY_POD: LabelSelector = together([[OF_NAMESPACE, NAMED]]);

function together(parts: readonly (readonly [prefix: string, selector: LabelSelector])[]): LabelSelector {
  const constraints = new Map<string, ValueSet>();
  for (const [prefix, selector] of parts) {
    for (const [key, set] of selector.constraints) constraints.set(prefix + key, set);
  }
  return new LabelSelector(constraints);
}

/** describePeerWitness shows labels that escaped peerSelectors: `pods labelled app=web in a namespace named other`. */
export function describePeerWitness(witness: Labels): string {
  const part = (prefix: string) => [...witness].filter(([key]) => key.startsWith(prefix));
  const text = (labels: readonly (readonly [string, string])[], prefix: string) =>
    shorten(labels.map(([key, value]) => `${key.slice(prefix.length)}=${value}`).join(','));
  const pod = part(OF_POD);
  const name = witness.get(OF_NAMESPACE + NAMESPACE_NAME) ?? 'other';
  const labels = part(OF_NAMESPACE).filter(([key]) => key !== OF_NAMESPACE + NAMESPACE_NAME);
  const pods = pod.length === 0 ? 'pods without labels' : `pods labelled ${text(pod, OF_POD)}`;
  const labelled = labels.length === 0 ? '' : ` and labelled ${text(labels, OF_NAMESPACE)}`;
  return `${pods} in a namespace named ${shorten(name)}${labelled}`;
}

/** To join two selectors and to spell the result, for each value. */
const STEPS_TO_JOIN = 40;

/** PodGrants is what policies of one namespace let their subjects reach among pods, by the rules that count. */
export class PodGrants {
  private readonly namespace: string;
  private readonly budget: Budget;
  private readonly covers = new Map<string, LabelSelector>();

  /** Throws BudgetSpent. */
  constructor(policies: Iterable<Policy>, namespace: string, counts: (rule: AllowRule) => boolean, budget: Budget) {
    this.namespace = namespace;
    this.budget = budget;
    for (const policy of policies) {
      for (const rule of policy.egress) {
        budget.spend(1);
        if (!counts(rule)) continue;
        for (const peer of peerSelectors(rule.peers, namespace)) {
          budget.spend(STEPS_TO_JOIN * (1 + policy.subject.weight + peer.weight));
          const cover = from(policy.subject, peer);
          this.covers.set(cover.key, cover);
        }
      }
    }
  }

  /**
   * hold decides whether every pod that `subject` selects already reaches every pod that the peers name. Throws
   * BudgetSpent.
   */
  hold(subject: LabelSelector, peers: AllowRule['peers']): boolean {
    for (const peer of peerSelectors(peers, this.namespace)) {
      this.budget.spend(STEPS_TO_JOIN * (1 + subject.weight + peer.weight));
      const wanted = from(subject, peer);
      if (this.covers.has(wanted.key)) continue;
      const { kind } = isCovered(wanted, this.covers.values(), this.budget);
      if (kind === 'unknown') throw new BudgetSpent();
      if (kind === 'uncovered') return false;
    }
    return true;
  }
}

function from(subject: LabelSelector, peer: LabelSelector): LabelSelector {
  return together([
    [OF_SUBJECT, subject],
    ['', peer],
  ]);
}
