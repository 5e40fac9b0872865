import { type Atoms, isAnywhere } from './atoms.ts';
import type { RuleManifest, World } from './manifest.ts';
import { hasNames, isolates, picks } from './matching.ts';
import { type PlainLabels, PODS } from './places.ts';
import { type Aim, type Grants, type Lane, opened, publicGrants, union } from './public-grants.ts';
import { policiesBefore } from './states.ts';

/** Other is a policy that the change leaves alone, and that selects a pod of the changed one. */
interface Other {
  readonly grants: Grants;
  /** The same without the rules that list ports by name. */
  readonly unnamed: Grants;
  /** Holds where it selects every pod of the changed policy. */
  readonly selectsAll: boolean;
}

/** Subject is a pod of the changed policy, in one lane. */
export interface Subject {
  readonly others: readonly Other[];
  readonly before: Grants;
}

/** Partnership is the changed policy with others that select a common pod, none or more. */
export interface Partnership {
  readonly grants: Grants;
  /** Holds where it would stay below the threshold if no port had a name, or where the names of the policy suffice. */
  readonly isByName: boolean;
  readonly isAlone: boolean;
  readonly isOfAll: boolean;
}

/** subjectsOf lists the pods of the changed policy that other policies treat differently. */
export function subjectsOf(world: World, podSelector: World['standing'][number]['spec']['podSelector'], lane: Lane) {
  const pods = PODS.filter((pod) => picks(podSelector, pod));
  const others = world.standing
    .filter((policy) => isolates(policy, 'Egress') && (policy.spec.egress ?? []).length > 0)
    .map(({ spec }) => ({
      holds: (pod: PlainLabels) => picks(spec.podSelector, pod),
      ...ownGrants(spec.egress ?? [], lane),
      selectsAll: pods.every((pod) => picks(spec.podSelector, pod)),
    }));
  const old = policiesBefore(world)
    .filter((policy) => isolates(policy, 'Egress'))
    .map(({ spec }) => ({
      holds: (pod: PlainLabels) => picks(spec.podSelector, pod),
      grants: publicGrants(spec.egress ?? [], lane),
    }));
  const subjects = new Map<string, Subject>();
  for (const pod of pods) {
    const kind = [...others, ...old].map(({ holds }) => (holds(pod) ? 1 : 0)).join('');
    if (subjects.has(kind)) continue;
    const before = union(old.filter(({ holds }) => holds(pod)).map(({ grants }) => grants));
    subjects.set(kind, { others: others.filter(({ holds }) => holds(pod)), before });
  }
  return [...subjects.values()];
}

function* subsets<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let chosen = 0; chosen < 1 << items.length; chosen += 1) {
    yield items.filter((_, i) => (chosen & (1 << i)) !== 0);
  }
}

/** OwnGrants are those of one policy, of which the rules that list ports by name are told apart. */
export interface OwnGrants {
  readonly grants: Grants;
  readonly named: Grants;
  readonly unnamed: Grants;
}

/** ownGrants reads the rules of a policy. */
export function ownGrants(rules: readonly RuleManifest[], lane: Lane): OwnGrants {
  const isNamed = (rule: RuleManifest) => hasNames(rule, lane.protocol);
  return {
    grants: publicGrants(rules, lane),
    named: publicGrants(rules.filter(isNamed), lane),
    unnamed: publicGrants(
      rules.filter((rule) => !isNamed(rule)),
      lane,
    ),
  };
}

/**
 * partnerships lists with whom the changed policy opens an unrestricted destination to a pod: with policies that stay
 * below the threshold without it and pass it with it; with none where it passes alone. `spared` is not counted.
 */
export function partnerships(own: OwnGrants, { others }: Subject, aim: Aim, spared: Atoms): readonly Partnership[] {
  const passes = (grants: Grants, less = 0n, on = aim) => isAnywhere(opened(grants, on) & ~less);
  const byNumber = ({ grants, unnamed }: Pick<OwnGrants, 'grants' | 'unnamed'>) =>
    aim === 'named or 53' ? { part: grants, on: 53 as const } : { part: unnamed, on: aim };
  const isByName = (several: readonly Pick<OwnGrants, 'grants' | 'unnamed'>[]) =>
    passes(own.named, spared) || !passes(union(several.map((one) => byNumber(one).part)), spared, byNumber(own).on);
  if (passes(own.grants, spared)) {
    return [{ grants: own.grants, isByName: isByName([own]), isAlone: true, isOfAll: true }];
  }
  const found: Partnership[] = [];
  for (const some of subsets(others)) {
    const theirs = union(some.map(({ grants }) => grants));
    const grants = union([own.grants, theirs]);
    if (some.length === 0 || !passes(grants, spared) || passes(theirs)) continue;
    const isOfAll = some.every(({ selectsAll }) => selectsAll);
    found.push({ grants, isByName: isByName([own, ...some]), isAlone: false, isOfAll });
  }
  return found;
}
