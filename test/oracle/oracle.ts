import { addressOpenings } from './address-openings.ts';
import { clusterOpening } from './cluster-openings.ts';
import { dnsGap } from './dns-gaps.ts';
import { dnsPlane } from './dns-plane.ts';
import { type Expectation, softened, strongest } from './expectation.ts';
import type { World } from './manifest.ts';

/** expected says, by rule id, what the contract demands of the engine in a world. By brute force, slowly, one pod at a time. */
export function expected(world: World): Readonly<Record<string, Expectation>> {
  const gaps = ['dns-blocked', 'dns-over-udp-blocked', 'dns-over-tcp-blocked', 'dns-partly-blocked'] as const;
  if (world.namespace === 'kube-system') {
    // A system namespace is outside every rule but this one.
    const silent = [...gaps, 'egress-open-to-anywhere', 'dns-open-to-anywhere', 'dns-open-to-cluster'];
    return {
      ...Object.fromEntries(silent.map((rule) => [rule, 'absent' as const])),
      'dns-servers-isolated': dnsPlane(world),
    };
  }
  const openings = addressOpenings(world);
  return {
    ...Object.fromEntries(gaps.map((rule) => [rule, dnsGap(rule, world)])),
    ...openings,
    'dns-open-to-cluster': softened(clusterOpening(world), strongest(Object.values(openings))),
    'dns-servers-isolated': 'absent',
  };
}
