import { NETWORK_POLICY } from '../../policy/dialects/network-policy/dialect.ts';
import { type DialectKind, type FactKind, isJudged } from '../../policy/model/dialect.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Followed, WantedKind } from '../discovery/kind-watch.ts';
import { followNames } from '../discovery/other-policies.ts';
import type { ServedKind } from '../discovery/served-kinds.ts';
import { FactCache } from './fact-cache.ts';
import type { PolicyCache } from './policy-cache.ts';
import type { PolicyCollection } from './policy-collection.ts';

/** FollowedKind is a kind of a dialect that the cluster serves: policies that are judged, facts, or only names. */
export interface FollowedKind extends Followed {
  readonly collection?: PolicyCollection | undefined;
  readonly facts?: FactCache | undefined;
}

/** dialectKinds are the kinds to follow where they are served; NetworkPolicy always is, and is not among them. */
export function dialectKinds(
  kinds: readonly DialectKind[],
  policies: PolicyCache,
  logger: Logger,
): readonly WantedKind<FollowedKind>[] {
  return kinds
    .filter((kind) => kind !== NETWORK_POLICY)
    .map((kind) => ({ ...kind, follow: (resource) => follow(kind, { resource, policies, logger }) }));
}

interface Following {
  readonly resource: ServedKind;
  readonly policies: PolicyCache;
  readonly logger: Logger;
}

function follow(kind: DialectKind, { resource, policies, logger }: Following): FollowedKind {
  if (kind.role === 'fact') return followFacts(kind, resource, logger);
  if (!isJudged(kind)) return followNames(resource);
  const collection = { kind, resource };
  return {
    collection,
    handler: policies.handlerOf(collection),
    reaches: () => false,
    end: () => policies.forget(collection),
  };
}

/** An unreadable object may be one that a policy depends on. */
function followFacts(kind: FactKind, resource: ServedKind, logger: Logger): FollowedKind {
  const facts = new FactCache(kind, resource, logger);
  return { facts, handler: facts, reaches: () => !facts.isWhole };
}
