import { Budget } from '../../sets/budget.ts';
import { worldsFor } from '../dns/offline-worlds.ts';
import { DnsReach } from '../dns/reach.ts';
import { type DnsVocabulary, dnsVocabulary } from '../dns/vocabulary.ts';
import type { Change } from '../model/change.ts';
import type { Level } from '../model/finding.ts';
import { Memo } from '../model/memo.ts';
import type { Policy } from '../model/policy.ts';
import { policyKey } from '../model/policy-key.ts';
import { PolicyState } from '../model/policy-state.ts';
import type { RulesVersion } from '../model/rules-version.ts';
import type { Settings } from '../model/settings.ts';
import type { ClusterSnapshot, DnsFacts, DnsWorld } from '../model/snapshot.ts';
import { comingPolicies, desiredIn } from '../templates/coming.ts';
import { isNarrowed } from './narrowing.ts';

/** UndecidedRule is what is known of a rule for which the budget did not suffice. */
export interface UndecidedRule {
  readonly id: string;
  readonly since: RulesVersion;
  readonly level: Level;
  readonly undecided?: 'warn' | undefined;
}

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
  /** For all questions of one verdict. */
  readonly budget: Budget;
  /** The policies by which pods of the namespace are judged: the changed one, as it will be. */
  readonly policy: Policy | undefined;
  /** Whether the change only removes egress or leaves it as it is: then it opens nothing, whatever existed before. */
  readonly isNarrowed: boolean;
  /** The rules that have found no answer within the budget so far. */
  readonly undecided: UndecidedRule[];
}

/**
 * situationOf sets the states before and after a change side by side. Policies of the namespace's template count as
 * present in both, even after their deletion.
 */
export function situationOf(
  change: Change,
  snapshot: ClusterSnapshot,
  settings: Settings,
  budget: Budget = new Budget(),
): Situation {
  const stored = snapshot.policies(change.namespace);
  const key = keyOf(change);
  const coming = comingPolicies(change.namespace, snapshot, settings);
  const isRestored =
    change.operation === 'DELETE' &&
    desiredIn(change.namespace, snapshot, settings)?.policies.some((policy) => policy.name === key);
  const after = new PolicyState(stored, { key: isRestored ? undefined : key, policy: change.after }, coming, budget);
  return {
    change,
    snapshot,
    settings,
    before:
      change.operation === 'AUDIT'
        ? PolicyState.empty
        : new PolicyState(stored, { key, policy: standing(change.before) }, coming, budget),
    after,
    ...dnsOf(snapshot.dns, worldsFor(snapshot.dns, after, change), settings),
    budget,
    policy: change.after,
    isNarrowed: change.operation === 'UPDATE' && change.before?.deleting !== true && isNarrowed(change),
    undecided: [],
  };
}

function keyOf({ after, unread, before }: Change): string | undefined {
  const ref = (after ?? unread ?? before)?.ref;
  return ref && policyKey(ref);
}

/** A policy that is being deleted excuses nothing. */
function standing(policy: Policy | undefined): Policy | undefined {
  return policy?.deleting === true ? undefined : policy;
}

interface DnsKnowledge extends Pick<Situation, 'reaches' | 'vocabulary'> {
  readonly ports: readonly number[];
}

/** By the names of the worlds that count. */
const dnsKnowledge = new Memo<DnsFacts, DnsKnowledge>();
/** By the name of its world. */
const dnsReaches = new Memo<DnsFacts, { readonly ports: readonly number[]; readonly reach: DnsReach }>();

/** dnsOf gives the same answer for as long as the DNS servers stay the same, since what policies reach is kept with it. */
function dnsOf(facts: DnsFacts, worlds: readonly DnsWorld[], { dns: { ports } }: Settings): DnsKnowledge {
  const isOfPorts = (known: { readonly ports: readonly number[] }) => known.ports === ports;
  const reachOf = (world: DnsWorld) =>
    dnsReaches.get(facts, world.name, () => ({ ports, reach: new DnsReach(world, facts, ports) }), isOfPorts).reach;
  return dnsKnowledge.get(
    facts,
    worlds.map(({ name }) => name).join(' '),
    () => ({ ports, reaches: worlds.map(reachOf), vocabulary: dnsVocabulary(worlds, ports) }),
    isOfPorts,
  );
}
