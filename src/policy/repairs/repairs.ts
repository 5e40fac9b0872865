import { matchesGlob } from '../../objects/glob.ts';
import { Budget, BudgetSpent } from '../../sets/budget.ts';
import { selectorOf } from '../dialects/network-policy/network-policy-spec.ts';
import { specText } from '../dialects/network-policy/spec-text.ts';
import { FAULTS } from '../gaps/faults.ts';
import { dnsLosses } from '../gaps/loss.ts';
import { isRepairable } from '../gaps/repairable.ts';
import { NamespacePolicies } from '../model/namespace-policies.ts';
import { overlay } from '../model/overlay.ts';
import type { Policy } from '../model/policy.ts';
import { policyKey } from '../model/policy-key.ts';
import type { Settings } from '../model/settings.ts';
import type { ClusterSnapshot } from '../model/snapshot.ts';
import { entriesFor, exemptionOf, exempts } from '../situation/exemptions.ts';
import { type Situation, situationOf } from '../situation/situation.ts';
import type { DesiredPolicy } from '../templates/desired.ts';
import { allowDnsSpec } from '../templates/parts.ts';
import { isRepairName, REPAIR_PREFIX, repairName } from '../templates/repair-name.ts';

/** RepairLook is the result for one stored policy: the policy that gives its pods their DNS back, if they need one. */
export interface RepairLook {
  readonly policy: string;
  /** `undecided` where the question takes more steps than its budget allows: then there is none. */
  readonly repair: DesiredPolicy | 'undecided' | undefined;
}

/**
 * lookForRepairs finds the policies that give pods their DNS back if `dnsBlocked.onWrite` or `onDelete` is `repair`:
 * one for each stored policy that would be refused if it were written again unchanged, selecting the same pods. Stored
 * repairs do not count, so that they stay for as long as they are needed. It looks at one policy at a time, each with a
 * budget of its own, so that its caller can pause. `now`, in milliseconds since the epoch, decides which exemptions
 * have expired; without it none has.
 */
export function* lookForRepairs(
  namespace: string,
  snapshot: ClusterSnapshot,
  settings: Settings,
  now: number = 0,
): Generator<RepairLook> {
  if (!isRepaired(namespace, settings)) return;
  const unrepaired = { snapshot: withoutRepairs(namespace, snapshot), settings, now };
  for (const policy of unrepaired.snapshot.policies(namespace).all()) {
    const key = policyKey(policy.ref);
    // Deleted by now, or replaced.
    if (key === undefined || snapshot.policies(namespace).get(key) !== policy) continue;
    yield { policy: key, repair: repairWithinBudget(policy, unrepaired) };
  }
}

/**
 * repairsNamed returns the repairs with this name; a hash in the name may match several policies. Throws BudgetSpent.
 */
export function repairsNamed(
  name: string,
  { change: { namespace }, snapshot, settings, budget }: Situation,
): readonly DesiredPolicy[] {
  if (!isRepaired(namespace, settings)) return [];
  const stored = snapshot.policies(namespace);
  budget.spend(stored.size);
  const named = [...stored.all()].filter(({ ref }) => ref.name !== undefined && isRepairName(name, ref.name, budget));
  if (named.length === 0) return [];
  const unrepaired = { snapshot: withoutRepairs(namespace, snapshot), settings, now: 0 };
  return named.flatMap((policy) => repairOf(policy, unrepaired, budget) ?? []);
}

/** isRepaired holds if netpol-guard would add what is missing instead of refusing. */
function isRepaired(namespace: string, { dnsBlocked, systemNamespaces }: Settings): boolean {
  if (dnsBlocked.onWrite !== 'repair' && dnsBlocked.onDelete !== 'repair') return false;
  return !systemNamespaces.some((glob) => matchesGlob(glob, namespace));
}

/** Unrepaired is a cluster as it would be without repairs; `now` as in lookForRepairs. */
interface Unrepaired {
  readonly snapshot: ClusterSnapshot;
  readonly settings: Settings;
  readonly now: number;
}

function repairWithinBudget(policy: Policy, unrepaired: Unrepaired): RepairLook['repair'] {
  try {
    return repairOf(policy, unrepaired, new Budget());
  } catch (error) {
    if (error instanceof BudgetSpent) return 'undecided';
    throw error;
  }
}

function repairOf(policy: Policy, unrepaired: Unrepaired, budget: Budget): DesiredPolicy | undefined {
  const { name } = policy.ref;
  if (name === undefined || !isBroken(policy, unrepaired, budget)) return undefined;
  const spec = allowDnsSpec(unrepaired.snapshot.dns, selectorOf(policy.subject));
  return spec && { name: repairName(name), spec, text: specText(spec) };
}

function isBroken(policy: Policy, { snapshot, settings, now }: Unrepaired, budget: Budget): boolean {
  if (!policy.isolatesEgress || policy.managed !== undefined) return false;
  const { namespace, name } = policy.ref;
  const change = { operation: 'AUDIT', namespace, after: policy } as const;
  const situation = situationOf(change, snapshot, settings, budget);
  const mended = dnsLosses(situation).flatMap((loss) =>
    loss.verdicts.filter((verdict) => isRepairable(situation, loss, verdict)).map(({ fault }) => FAULTS[fault].rule),
  );
  if (mended.length === 0 || exemptionOf(change, settings) !== undefined) return false;
  const { valid } = entriesFor(namespace, name, settings, now);
  return mended.some((rule) => !valid.some((entry) => exempts(entry, rule)));
}

function isRepair({ ref }: Policy): boolean {
  return ref.name?.startsWith(REPAIR_PREFIX) === true;
}

/** A copy, since a look takes long enough for repairs to appear meanwhile. */
function withoutRepairs(namespace: string, snapshot: ClusterSnapshot): ClusterSnapshot {
  const kept = new NamespacePolicies();
  for (const policy of snapshot.policies(namespace).all()) {
    const key = policyKey(policy.ref);
    if (key !== undefined && !isRepair(policy)) kept.set(key, policy);
  }
  return overlay(snapshot, namespace, { policies: kept });
}
