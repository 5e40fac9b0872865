import type { Json } from '../../objects/fields.ts';
import { NamespacePolicies } from '../../policy/model/namespace-policies.ts';
import { overlay } from '../../policy/model/overlay.ts';
import type { Policy } from '../../policy/model/policy.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../../policy/model/snapshot.ts';
import { allOf } from '../../runtime/all-of.ts';
import { ApiError } from '../api/api-error.ts';
import { ByteBudget } from '../api/byte-budget.ts';
import type { Client } from '../api/client.ts';
import { listPages, METADATA_LIST } from '../api/list-pages.ts';
import { NAMESPACES } from '../api/resource.ts';
import type { RequestOptions } from '../api/transport.ts';
import { type KubeObject, readObject } from '../watch/kube-object.ts';
import { namespaceFacts } from './namespace-cache.ts';
import type { PolicyCache } from './policy-cache.ts';
import { keyIn, type WatchedPolicies } from './policy-collection.ts';

/** LiveNamespace is the API server's current state of one namespace. */
export interface LiveNamespace {
  /** undefined if there is no such namespace. */
  readonly facts: NamespaceFacts | undefined;
  readonly policies: NamespacePolicies;
  readonly unreadable: readonly string[];
}

/** Policies that one read fetches whole. Where more differ from the cache, its watch will soon show them. */
const MAX_FETCHED = 100;
const FETCHED_AT_A_TIME = 8;
/** What all answers of one read may take: metadata of some 10,000 policies, unless their annotations are large. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * readNamespace asks the API server for a namespace and its policies, both as they are now (a read without
 * resourceVersion is consistent). It lists only the metadata of policies, since their authors decide their size.
 * Policies that the cache has in the same version come from there, and the rest are read one by one. If nothing
 * differs, the result is the cache's own collection with its indexes. It throws if that would cost more than allowed.
 */
export async function readNamespace(
  sources: LiveReadSources,
  namespace: string,
  signal: AbortSignal,
): Promise<LiveNamespace> {
  const budget = new ByteBudget(MAX_BYTES);
  const reading = (signal: AbortSignal): Reading => ({ ...sources, namespace, options: { signal, budget } });
  const [facts, listed] = await allOf(signal, (shared) => [readFacts(reading(shared)), listAll(reading(shared))]);
  return { facts, ...(await readPolicies(reading(signal), listed)) };
}

interface LiveReadSources {
  readonly client: Client;
  readonly cache: PolicyCache;
  /** Everything that the cache is told. */
  readonly collections: () => readonly WatchedPolicies[];
}

/** Reading is one read, whose calls share a budget. */
interface Reading extends LiveReadSources {
  readonly namespace: string;
  readonly options: RequestOptions;
}

async function readFacts({ client, namespace, options }: Reading): Promise<NamespaceFacts | undefined> {
  const object = await unlessAbsent(client.get(NAMESPACES, namespace, options));
  return object && namespaceFacts(readObject(object));
}

/** Listed is one policy as the API server lists it. */
interface Listed {
  readonly collection: WatchedPolicies;
  readonly name: string;
  readonly version: string;
}

/** By key. */
async function listAll(reading: Reading): Promise<ReadonlyMap<string, Listed>> {
  const lists = await allOf(reading.options.signal, (signal) =>
    reading
      .collections()
      .map((collection) => listVersions(collection, { ...reading, options: { ...reading.options, signal } })),
  );
  return new Map(lists.flat().map((listed) => [keyIn(listed.collection, listed.name), listed]));
}

async function listVersions(
  collection: WatchedPolicies,
  { client, namespace, options }: Reading,
): Promise<readonly Listed[]> {
  const versions = new Map<string, string>();
  const pages = listPages(client, { ...collection.resource, namespace }, { ...options, accept: METADATA_LIST });
  for await (const page of pages) {
    if (page.isFirst) versions.clear();
    for (const item of page.items) {
      const { name, resourceVersion } = readObject(item);
      versions.set(name, resourceVersion);
    }
  }
  return [...versions].map(([name, version]) => ({ collection, name, version }));
}

async function readPolicies(
  reading: Reading,
  listed: ReadonlyMap<string, Listed>,
): Promise<Omit<LiveNamespace, 'facts'>> {
  const { cache, namespace } = reading;
  const cached = cache.policies(namespace);
  const cachedUnreadable = cache.unreadable(namespace);
  const found = new Map<string, Policy | undefined>();
  const others = new Map<string, Listed>();
  for (const [key, one] of listed) {
    const { collection, name, version } = one;
    if (collection.reflector.versionOf({ namespace, name }) !== version) others.set(key, one);
    // A place in the order of the list, filled below where it is not the cache's.
    found.set(key, cached.get(key));
  }
  if (others.size === 0 && listed.size === cached.size + cachedUnreadable.length) {
    return { policies: cached, unreadable: cachedUnreadable };
  }
  const fetched = await fetchPolicies(reading, [...others.values()]);
  for (const [key, { collection }] of others) {
    const object = fetched.get(key);
    if (object === undefined) found.delete(key);
    else found.set(key, cache.compile(object, collection));
  }
  const policies = new NamespacePolicies();
  for (const [key, policy] of found) if (policy !== undefined) policies.set(key, policy);
  return { policies, unreadable: [...found].flatMap(([key, policy]) => (policy === undefined ? [key] : [])) };
}

/** Policies deleted meanwhile are skipped; those changed again are newer than requested. */
async function fetchPolicies(
  { client, namespace, options }: Reading,
  listed: readonly Listed[],
): Promise<ReadonlyMap<string, KubeObject>> {
  if (listed.length > MAX_FETCHED) {
    throw new Error(
      `${listed.length} policies of ${namespace} differ from the cache, more than are read for a refusal`,
    );
  }
  const objects = new Map<string, KubeObject>();
  for (let i = 0; i < listed.length; i += FETCHED_AT_A_TIME) {
    const turn = listed.slice(i, i + FETCHED_AT_A_TIME);
    const answers = await allOf(options.signal, (signal) =>
      turn.map(({ collection: { resource }, name }) =>
        unlessAbsent(client.get({ ...resource, namespace }, name, { ...options, signal })),
      ),
    );
    for (const [at, { collection, name }] of turn.entries()) {
      const object = answers[at];
      if (object !== undefined) objects.set(keyIn(collection, name), readObject(object));
    }
  }
  return objects;
}

async function unlessAbsent(answer: Promise<Json>): Promise<Json | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
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
  const { facts, policies, unreadable } = live;
  return overlay(snapshot, name, { facts, policies, unreadable, otherPolicies: otherApis });
}
