import { NamespacePolicies } from '../policy/namespace-policies.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../policy/snapshot.ts';
import { ApiError } from './api-error.ts';
import type { Client } from './client.ts';
import { readObject } from './kube-object.ts';
import { listPages } from './list-pages.ts';
import { namespaceFacts } from './namespace-cache.ts';
import type { PolicyCache } from './policy-cache.ts';
import type { Reflector } from './reflector.ts';
import { NAMESPACES, NETWORK_POLICIES } from './resource.ts';

/** LiveNamespace is what the API server says of one namespace now. */
export interface LiveNamespace {
  /** undefined where there is no such namespace. */
  readonly facts: NamespaceFacts | undefined;
  readonly policies: NamespacePolicies;
  readonly unreadable: readonly string[];
}

/**
 * readNamespace asks the API server for a namespace and its policies, both as they are now (a read without
 * resourceVersion is consistent). A policy that the cache has in the same version is not compiled again; where all are
 * the same, the cache's own collection, with its indexes, is the answer.
 */
export async function readNamespace(
  client: Client,
  cache: PolicyCache,
  reflector: Reflector,
  name: string,
  signal: AbortSignal,
): Promise<LiveNamespace> {
  const [facts, live] = await Promise.all([
    readFacts(client, name, signal),
    readPolicies(client, cache, reflector, name, signal),
  ]);
  return { facts, ...live };
}

async function readFacts(client: Client, name: string, signal: AbortSignal): Promise<NamespaceFacts | undefined> {
  try {
    return namespaceFacts(readObject(await client.get(NAMESPACES, name, { signal })));
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

async function readPolicies(
  client: Client,
  cache: PolicyCache,
  reflector: Reflector,
  namespace: string,
  signal: AbortSignal,
): Promise<Omit<LiveNamespace, 'facts'>> {
  const cached = cache.policies(namespace);
  let policies = new NamespacePolicies();
  let unreadable: string[] = [];
  let reused = 0;
  for await (const page of listPages(client, { ...NETWORK_POLICIES, namespace }, { signal })) {
    if (page.isFirst) {
      policies = new NamespacePolicies();
      unreadable = [];
      reused = 0;
    }
    for (const item of page.items) {
      const object = readObject(item);
      const known = reflector.versionOf(object) === object.resourceVersion ? cached.get(object.name) : undefined;
      if (known !== undefined) reused += 1;
      const policy = known ?? cache.compile(object);
      if (policy === undefined) unreadable.push(object.name);
      else policies.set(object.name, policy);
    }
  }
  const same = reused === policies.size && reused === cached.size;
  return { policies: same ? cached : policies, unreadable };
}

/**
 * withLive returns the snapshot with one namespace as it was just read; `otherApis` are the kinds of other policy APIs
 * that reach it.
 */
export function withLive(
  snapshot: ClusterSnapshot,
  name: string,
  live: LiveNamespace,
  otherApis: readonly string[],
): ClusterSnapshot {
  return {
    namespace: (asked) => (asked === name ? live.facts : snapshot.namespace(asked)),
    policies: (asked) => (asked === name ? live.policies : snapshot.policies(asked)),
    namespacesWithPolicies: () => new Set([...snapshot.namespacesWithPolicies(), name]),
    dns: snapshot.dns,
    services: snapshot.services,
    unreadablePolicies: (asked) => (asked === name ? live.unreadable : snapshot.unreadablePolicies(asked)),
    otherPolicies: (asked) => (asked === name ? otherApis : snapshot.otherPolicies(asked)),
  };
}
