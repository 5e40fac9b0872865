import type { PolicyManifest, RuleManifest, World } from './manifest.ts';
import { egressRules, isolates, picks } from './matching.ts';
import { type PlainLabels, PODS } from './places.ts';

/** PodState is what holds for one kind of pod before and after the change. */
export interface PodState {
  readonly pod: PlainLabels;
  /** The rules in force, of all policies. */
  readonly after: readonly RuleManifest[];
  readonly before: readonly RuleManifest[];
  readonly isolatedBefore: boolean;
}

/** policiesBefore are none for an AUDIT: nothing was there before. */
export function policiesBefore(world: World): readonly PolicyManifest[] {
  if (world.operation === 'AUDIT') return [];
  return world.before === undefined ? world.standing : [...world.standing, world.before];
}

export function policiesAfter(world: World): readonly PolicyManifest[] {
  return world.after === undefined ? world.standing : [...world.standing, world.after];
}

/** podStates lists the pods that the policy picks, with what holds for each. */
export function podStates(world: World, policy: PolicyManifest): PodState[] {
  const before = policiesBefore(world);
  const after = policiesAfter(world);
  return PODS.filter((pod) => picks(policy.spec.podSelector, pod)).map((pod) => ({
    pod,
    after: egressRules(after, pod),
    before: egressRules(before, pod),
    isolatedBefore: before.some((other) => isolates(other, 'Egress') && picks(other.spec.podSelector, pod)),
  }));
}
