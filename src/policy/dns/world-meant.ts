import type { AllowRule } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import type { DnsReach } from './reach.ts';

/**
 * worldMeant returns the DNS servers that a fix of a rule names: those of `nearest`, and any others that the rule's
 * peers name, so that the pasted fix loses no server that was meant.
 */
export function worldMeant(
  reaches: readonly DnsReach[],
  { peers }: AllowRule,
  namespace: string,
  nearest: DnsReach,
): DnsWorld {
  const given = peers === 'any' ? [] : peers;
  const others = reaches.filter(
    (reach) => reach !== nearest && given.some((peer) => reach.whoIs(peer, namespace) === 'yes'),
  );
  const caches = [nearest, ...others].flatMap((reach) =>
    given.some((peer) => reach.whoPerhaps(peer, namespace) === 'yes') ? (reach.world.perhaps ?? []) : [],
  );
  if (others.length === 0 && caches.length === 0) return nearest.world;
  const servers = [nearest, ...others].flatMap(({ world }) => world.servers);
  return { ...nearest.world, servers: [...servers, ...caches] };
}
