import { ADDRESS_RULES, addressOpenings, inAllLanes } from './address-openings.ts';
import { clusterOpening } from './cluster-openings.ts';
import { dnsGaps } from './dns-gaps.ts';
import { dnsPlane } from './dns-plane.ts';
import { type Expectation, only } from './expectation.ts';
import type { World } from './manifest.ts';
import { isolates } from './matching.ts';

/** Egress rules of a policy whose types leave Egress out. Advice denies nothing, so whether it is blamed does not matter. */
function ignoredRules({ after }: World): Expectation {
  const isIgnored = after !== undefined && !isolates(after, 'Egress') && (after.spec.egress ?? []).length > 0;
  return isIgnored ? new Set(['blamed', 'standing']) : only('absent');
}

/** expected says, by rule id, what the contract demands of the engine in a world. By brute force, slowly, one pod at a time. */
export function expected(world: World): Readonly<Record<string, Expectation>> {
  const lanes = world.namespace === 'kube-system' ? [] : addressOpenings(world);
  const ordinary = {
    ...dnsGaps(world),
    ...Object.fromEntries(ADDRESS_RULES.map((rule) => [rule, inAllLanes(lanes, rule)])),
    'dns-open-to-cluster': clusterOpening(world, lanes),
    'egress-rules-ignored': ignoredRules(world),
    'dns-servers-isolated': only('absent'),
  };
  if (world.namespace === 'shop') return ordinary;
  // A system namespace is outside every rule but this one.
  const silent = Object.fromEntries(Object.keys(ordinary).map((rule) => [rule, only('absent')]));
  return { ...silent, 'dns-servers-isolated': dnsPlane(world) };
}
