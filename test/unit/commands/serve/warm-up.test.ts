import { afterEach, expect, test, vi } from 'vitest';
import { keepWarm } from '../../../../src/commands/serve/warm-up.ts';
import { readConfiguration } from '../../../../src/config/load.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { NamespacePolicies } from '../../../../src/policy/model/namespace-policies.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { silent } from '../../admission/setup.ts';

const { settings } = readConfiguration('apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n', 'test');
const policy = (namespace: string, n: number) =>
  readNetworkPolicy(
    { metadata: { name: `p${n}` }, spec: { podSelector: { matchLabels: { app: `a${n}` } }, policyTypes: ['Egress'] } },
    namespace,
  );
const sizes: Readonly<Record<string, number>> = { large: 300, small: 5 };
const policies = Object.entries(sizes).flatMap(([name, size]) =>
  Array.from({ length: size }, (_, n) => policy(name, n)),
);
const world = () => offlineSnapshot({ namespaces: [], policies, otherPolicies: [] }, settings);

const stop = new AbortController();
afterEach(() => {
  vi.restoreAllMocks();
});

/** The namespaces, by size, in which an index was looked for, and how many were built by it. */
function builtIndexes(): Map<number, Set<unknown>> {
  const built = new Map<number, Set<unknown>>();
  const original = NamespacePolicies.prototype.index;
  vi.spyOn(NamespacePolicies.prototype, 'index').mockImplementation(function index(this: NamespacePolicies, of) {
    built.set(this.size, (built.get(this.size) ?? new Set()).add(of));
    return original.call(this, of);
  });
  return built;
}

test('large namespaces are indexed ahead, so that a verdict builds nothing; small ones are left', async () => {
  const built = builtIndexes();
  const snapshot = world();
  await new Promise<void>((onWarm) => {
    void keepWarm({ snapshot: () => snapshot, settings: () => settings, log: silent, onWarm }, stop.signal);
  });
  expect([...built.keys()]).toEqual([300]);
  const ahead = new Set(built.get(300));
  evaluate({ operation: 'CREATE', namespace: 'large', after: policy('large', 999) }, snapshot, settings, 0);
  const open = readNetworkPolicy(
    { metadata: { name: 'open' }, spec: { policyTypes: ['Egress'], egress: [{}] } },
    'large',
  );
  evaluate({ operation: 'CREATE', namespace: 'large', after: open }, snapshot, settings, 0);
  expect([...(built.get(300) ?? [])].filter((policyClass) => !ahead.has(policyClass))).toEqual([]);
});

test('again when cluster DNS changes, and a fault of one namespace keeps nobody waiting', async () => {
  let current: ClusterSnapshot = world();
  const errors: object[] = [];
  const log = { ...silent, error: (fields: object) => errors.push(fields) };
  const looked: string[] = [];
  const snapshot = () => ({
    ...current,
    unreadablePolicies: () => [],
    policies: (name: string) => {
      if (name === 'broken') looked.push(name);
      return current.policies(name === 'broken' ? 'large' : name);
    },
    namespacesWithPolicies: () => ['broken', 'large'],
    otherPolicies: (name: string) => {
      if (name === 'broken') throw new Error('no such thing');
      return [];
    },
  });
  const ended = new AbortController();
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((onWarm) => {
    done = keepWarm({ snapshot, settings: () => settings, log, onWarm }, ended.signal);
  });
  const before = looked.length;
  expect(before).toBeGreaterThan(0);
  expect(errors).toMatchObject([{ namespace: 'broken', err: new Error('no such thing') }]);
  current = world();
  await vi.waitFor(() => expect(looked.length).toBeGreaterThan(before), 3000);
  ended.abort();
  await done;
});
