import { Budget } from '../sets/budget.ts';
import { comingPolicies, desiredIn } from './baseline/coming.ts';
import type { Change } from './change.ts';
import { DnsReach } from './dns/reach.ts';
import { type DnsVocabulary, dnsVocabulary } from './dns/vocabulary.ts';
import type { Policy } from './model.ts';
import { isNarrowed } from './narrowing.ts';
import { PolicyState } from './policy-state.ts';
import type { Rule } from './rule.ts';
import type { Settings } from './settings.ts';
import type { ClusterSnapshot, DnsFacts } from './snapshot.ts';

/** Situation is the one change that rules look at, with the namespace's policies before and after it. */
export interface Situation {
  readonly change: Change;
  readonly snapshot: ClusterSnapshot;
  readonly settings: Settings;
  readonly before: PolicyState;
  readonly after: PolicyState;
  /** One for each world that cluster DNS may be. */
  readonly reaches: readonly DnsReach[];
  readonly vocabulary: DnsVocabulary;
  /** For all questions that one verdict asks. */
  readonly budget: Budget;
  /** The policies by which pods of the namespace are judged: the changed one, as it will be. */
  readonly policy: Policy | undefined;
  /** Holds where the change takes egress away or leaves it as it is: it opens nothing, whatever stood before. */
  readonly isNarrowed: boolean;
  /** The rules that did not come to an answer within the budget so far. */
  readonly undecided: Rule[];
}

/**
 * situationOf sets the states before and after a change side by side. What the namespace's template asks for counts as
 * present in both, and is there again when it is deleted.
 */
export function situationOf(change: Change, snapshot: ClusterSnapshot, settings: Settings): Situation {
  const stored = snapshot.policies(change.namespace);
  const budget = new Budget();
  const name = (change.after ?? change.before)?.ref.name;
  const coming = comingPolicies(change.namespace, snapshot, settings);
  const isRestored =
    change.operation === 'DELETE' &&
    desiredIn(change.namespace, snapshot, settings)?.policies.some((policy) => policy.name === name);
  return {
    change,
    snapshot,
    settings,
    before:
      change.operation === 'AUDIT'
        ? PolicyState.empty
        : new PolicyState(stored, name, standing(change.before), coming, budget),
    after: new PolicyState(stored, isRestored ? undefined : name, change.after, coming, budget),
    ...dnsOf(snapshot.dns, settings),
    budget,
    policy: change.after,
    isNarrowed: takesAwayAlone(change),
    undecided: [],
  };
}

/** What is being deleted excuses nothing. */
function standing(policy: Policy | undefined): Policy | undefined {
  return policy?.deleting === true ? undefined : policy;
}

function takesAwayAlone({ operation, before, after }: Change): boolean {
  if (operation !== 'UPDATE' || before === undefined || after === undefined || before.deleting) return false;
  return isNarrowed(before, after);
}

interface DnsKnowledge {
  readonly ports: readonly number[];
  readonly parts: Pick<Situation, 'reaches' | 'vocabulary'>;
}

const memory = new WeakMap<DnsFacts, DnsKnowledge>();

/** dnsOf keeps what each policy was found to reach for as long as the DNS servers stay the same. */
function dnsOf(facts: DnsFacts, { dns: { ports } }: Settings): DnsKnowledge['parts'] {
  let known = memory.get(facts);
  if (known?.ports !== ports) {
    const reaches = facts.worlds.map((world) => new DnsReach(world, facts, ports));
    known = { ports, parts: { reaches, vocabulary: dnsVocabulary(facts.worlds, ports) } };
    memory.set(facts, known);
  }
  return known.parts;
}
