/** Prints what one policy of the sort that is named takes, as JSON: run by kept.ts, with `--expose-gc`. */

import { PolicyCache } from '../../src/cluster/caches/policy-cache.ts';
import { readObject } from '../../src/cluster/watch/kube-object.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { weightOf } from '../../src/policy/model/weight.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { SETTINGS } from '../unit/policy/fixtures.ts';

const MOST = 9_900;
const many = (count: number, make: (i: number) => unknown) => Array.from({ length: count }, (_, i) => make(i));
const v4 = (i: number) => `${1 + (i >> 14)}.${(i >> 6) & 255}.${(i & 63) << 2}.0/24`;
const v6 = (i: number) => `2a00:${(i >> 8).toString(16)}:${((i & 255) << 1).toString(16)}::/48`;
const block = (cidr: string, except?: unknown) => ({ ipBlock: { cidr, except } });
const port = (i: number) => ({ port: 2 * i + 1 });

/** Each as an `egress`, but for the values, which are the subject's. */
const SORTS: Readonly<Record<string, () => unknown>> = {
  ports: () => [{ ports: many(MOST, port) }],
  'IPv4 blocks': () => [{ to: many(MOST, (i) => block(v4(i))), ports: [{ port: 53 }] }],
  'IPv6 blocks': () => [{ to: many(MOST, (i) => block(v6(i))), ports: [{ port: 53 }] }],
  exceptions: () => [{ to: [block('0.0.0.0/0', many(MOST, v4))] }],
  selectors: () => [
    { to: many(MOST, (i) => ({ podSelector: { matchLabels: { app: `${i}` } } })), ports: [{ port: 53 }] },
  ],
  rules: () => many(MOST / 2, (i) => ({ to: [block(v4(i))], ports: [port(i)] })),
  values: () => undefined,
  'equal ports': () => [{ ports: many(99_000, () => ({})) }],
  'equal rules': () => many(99_000, () => ({})),
};

const [, , sort = ''] = process.argv;
const values = sort === 'values' ? many(MOST, (i) => `value-${i}`) : ['other'];
const podSelector = { matchExpressions: [{ key: 'app', operator: 'NotIn', values }] };
const spec = { podSelector, policyTypes: ['Egress'], egress: SORTS[sort]?.() };
const text = JSON.stringify({ metadata: { name: 'p', namespace: 'shop', resourceVersion: '1' }, spec });

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const cache = new PolicyCache(silent);
const snapshot = {
  ...offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS),
  policies: (namespace: string) => cache.policies(namespace),
};

const OPENINGS = [
  [{}],
  [{ to: [block('9.0.0.0/9'), block('2600::/13')], ports: [{ port: 53 }, { port: 853 }] }],
  [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] }],
];

function judge(): void {
  const namespace = 'shop';
  for (const after of cache.policies(namespace).all()) {
    evaluate({ operation: 'AUDIT', namespace, after }, snapshot, SETTINGS, 0);
  }
  for (const egress of OPENINGS) {
    const object = { metadata: { name: 'new' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress } };
    evaluate({ operation: 'CREATE', namespace, after: readNetworkPolicy(object, namespace) }, snapshot, SETTINGS, 0);
  }
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** The object is parsed within, so that nothing outside holds on to it. */
function keep(json: string): void {
  cache.onAdd(readObject(JSON.parse(json)));
}

// What the engine compiles and remembers of itself is no policy's.
const egress = [{ to: [block(v4(0)), block(v6(0)), { podSelector: {} }], ports: [port(26)] }];
const warm = JSON.stringify({
  metadata: { name: 'p', namespace: 'shop', resourceVersion: '1' },
  spec: { ...spec, egress },
});
for (let i = 0; i < 200; i += 1) {
  keep(warm);
  judge();
}
cache.onDelete({ namespace: 'shop', name: 'p' });
const before = heap();
keep(text);
const kept = heap() - before;
judge();
const judged = heap() - before;
const [policy] = cache.policies('shop').all();
if (policy === undefined) throw new Error(`no policy of sort ${sort}`);
console.log(JSON.stringify({ json: text.length, kept, judged, weight: weightOf(policy) }));
