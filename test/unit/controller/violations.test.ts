import { beforeEach, describe, expect, test } from 'vitest';
import type { Violation } from '../../../src/controller/known-violations.ts';
import { ThreadShare } from '../../../src/controller/thread-share.ts';
import { Violations } from '../../../src/controller/violations.ts';
import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { NamespacePolicies } from '../../../src/policy/model/namespace-policies.ts';
import type { Policy } from '../../../src/policy/model/policy.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../../../src/policy/model/snapshot.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { CountedTime } from '../../harness/clocks.ts';
import { BOTH_53, policy, SETTINGS } from '../policy/fixtures.ts';

const DONE = { kind: 'done' };
const LATER = { kind: 'routine' };
const OPEN = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: BOTH_53 }] };
const DENY = { podSelector: {}, policyTypes: ['Egress'] };
const NO_EGRESS_POLICY = { podSelector: {}, policyTypes: ['Ingress'] };
const SHOP: NamespaceFacts = { name: 'shop', labels: new Map(), labelsKnown: true, terminating: false };

/** A namespace `shop` with these policies, on a clock by which each takes so long to judge. */
class Shop {
  readonly policies = new NamespacePolicies();
  readonly judged: string[] = [];
  readonly news: (readonly Violation[])[] = [];
  facts: NamespaceFacts | undefined = SHOP;
  readonly time = new CountedTime();
  judgedMs = 0;
  violations: Violations;
  private readonly eachMs: number;

  constructor(policies: readonly Policy[], eachMs = 1) {
    for (const each of policies) this.put(each);
    this.eachMs = eachMs;
    this.violations = this.term();
  }

  /** A leader's term begins. */
  term(): Violations {
    this.violations = new Violations({
      cluster: { snapshot: () => this.snapshot() },
      settings: () => {
        this.time.ms += this.eachMs;
        this.judgedMs += this.eachMs;
        return SETTINGS;
      },
      clock: this.time,
      share: new ThreadShare(this.time),
      onNews: (_namespace, violations) => this.news.push(violations),
    });
    return this.violations;
  }

  put(each: Policy): void {
    this.policies.set(each.ref.name ?? '', each);
  }

  audit = () => this.violations.audit('shop', new AbortController().signal);

  private snapshot(): ClusterSnapshot {
    const base = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
    return {
      ...base,
      namespace: () => this.facts,
      policies: (name) => (name === 'shop' ? this.policies : new NamespacePolicies()),
      namespacesWithPolicies: () => (this.policies.size === 0 ? [] : ['shop']),
    };
  }
}

function open(count: number, spec: Readonly<Record<string, unknown>> = OPEN): Policy[] {
  return Array.from({ length: count }, (_, i) => policy(`open-${i}`, spec));
}

const counted = (count: number) => ({ rule: 'dns-open-to-anywhere', level: 'standard', count });

describe('what stands', () => {
  test('is judged in one turn where it is little, and counted by rule', async () => {
    const shop = new Shop(open(3));
    expect(await shop.audit()).toEqual(DONE);
    expect(shop.violations.counts()).toContainEqual(counted(3));
  });

  test('has a quarter of the thread: three times as long as it has judged, it pauses', async () => {
    const shop = new Shop(open(4), 20);
    await shop.audit();
    expect(shop.time.slept).toEqual([60, 60]);
  });

  test('that takes long is judged a slice at a time, after all others, and counted once it is through', async () => {
    const shop = new Shop(open(5), 25);
    expect(await shop.audit()).toEqual(LATER);
    expect(await shop.audit()).toEqual(LATER);
    expect(await shop.audit()).toEqual(LATER);
    expect(await shop.audit()).toEqual(LATER);
    expect(shop.violations.counts()).toEqual([]);
    expect(await shop.audit()).toEqual(DONE);
    expect(shop.violations.counts()).toContainEqual(counted(5));
  });

  test('and changes while it is judged is judged again', async () => {
    const shop = new Shop(open(2), 60);
    await shop.audit();
    shop.violations.changed('shop');
    expect(await shop.audit()).toEqual(LATER);
    expect([await shop.audit(), await shop.audit()]).toEqual([LATER, DONE]);
  });

  test.each([1, 7, 50, 4000])(
    'never takes more than a quarter, however often it changes, at %i ms each',
    async (ms) => {
      const shop = new Shop(open(30, NO_EGRESS_POLICY), ms);
      for (let round = 0; round < 300; round += 1) {
        shop.put(policy(`open-${round % 30}`, NO_EGRESS_POLICY));
        shop.violations.changed('shop');
        await shop.audit();
      }
      // What was judged last has not been paused for yet.
      expect(shop.judgedMs - Math.max(ms, 5)).toBeLessThanOrEqual(shop.time.ms / 4);
      expect(shop.judgedMs).toBeGreaterThan(200);
    },
  );
});

describe('news', () => {
  const broken = (name: string, rule = 'dns-open-to-anywhere') => ({ policy: name, rule });
  let shop: Shop;

  beforeEach(() => {
    shop = new Shop([policy('old', OPEN), policy('harmless', NO_EGRESS_POLICY)]);
  });

  test('is none for a new leader, of what stood before its term', async () => {
    await shop.audit();
    await shop.audit();
    expect(shop.news).toEqual([]);
  });

  test('is what came since, even where nobody had looked before, and once', async () => {
    shop.put(policy('late', OPEN));
    await shop.audit();
    await shop.audit();
    expect(shop.news).toEqual([[broken('late')]]);
  });

  test('is an old policy that breaks a rule by what changed around it', async () => {
    shop = new Shop([policy('deny', DENY), policy('allow-dns', { ...OPEN, egress: [{}] })]);
    await shop.audit();
    shop.policies.delete('allow-dns');
    await shop.audit();
    expect(shop.news).toEqual([[broken('deny', 'dns-blocked')]]);
  });

  test('is what was mended and is broken anew', async () => {
    await shop.audit();
    shop.put(policy('old', NO_EGRESS_POLICY));
    await shop.audit();
    shop.put(policy('old', OPEN));
    await shop.audit();
    expect(shop.news).toEqual([[broken('old')]]);
  });

  test('is told of a namespace that was empty meanwhile', async () => {
    await shop.audit();
    shop.policies.delete('old');
    shop.policies.delete('harmless');
    await shop.audit();
    shop.put(policy('old', OPEN));
    await shop.audit();
    expect(shop.news).toEqual([[broken('old')]]);
  });

  test('is judged first, and told before the rest of a large namespace is through', async () => {
    shop = new Shop(open(1000, NO_EGRESS_POLICY));
    while ((await shop.audit()).kind !== 'done');
    shop.put(policy('late', OPEN));
    for (let i = 0; i < 10; i += 1) shop.put(policy(`open-${i}`, NO_EGRESS_POLICY));
    const began = shop.time.ms;
    expect(await shop.audit()).toEqual(LATER);
    expect(shop.news).toEqual([[broken('late')]]);
    expect(shop.time.ms - began).toBeLessThan(200);
  });

  test('that comes while a large namespace is judged does not wait for the rest', async () => {
    shop = new Shop(open(1000, NO_EGRESS_POLICY));
    await shop.audit();
    shop.put(policy('late', OPEN));
    shop.violations.changed('shop');
    expect(await shop.audit()).toEqual(LATER);
    expect(shop.news).toEqual([[broken('late')]]);
  });

  test('is none of what is gone, or mended, before its turn has come', async () => {
    shop = new Shop(open(1000, NO_EGRESS_POLICY));
    await shop.audit();
    for (const name of ['gone', 'mended']) shop.put(policy(name, OPEN));
    shop.violations.changed('shop');
    for (let i = 0; i < 100; i += 1) shop.put(policy(`newer-${i}`, NO_EGRESS_POLICY));
    await shop.audit();
    shop.policies.delete('gone');
    shop.put(policy('mended', NO_EGRESS_POLICY));
    while ((await shop.audit()).kind !== 'done');
    expect(shop.news).toEqual([]);
    expect(shop.violations.counts()).toEqual([]);
  });

  test('waits until it is known what the namespace enforces', async () => {
    shop.facts = undefined;
    shop.put(policy('late', OPEN));
    await shop.audit();
    expect(shop.news).toEqual([]);
    shop.facts = SHOP;
    await shop.audit();
    expect(shop.news).toEqual([[broken('late')]]);
  });

  test('is none where the namespace does not enforce the rule, or is going', async () => {
    shop.facts = { ...SHOP, labels: new Map([['netpol-guard.io/enforce', 'off']]) };
    shop.put(policy('late', OPEN));
    await shop.audit();
    shop.facts = { ...SHOP, terminating: true };
    shop.put(policy('later', OPEN));
    await shop.audit();
    expect(shop.news).toEqual([]);
    expect(shop.violations.counts()).toContainEqual(counted(3));
  });

  test('is none of a baseline, which is put right', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'netpol-guard' };
    shop.put(readNetworkPolicy({ metadata: { name: 'forged', labels }, spec: NO_EGRESS_POLICY }, 'shop'));
    await shop.audit();
    expect(shop.violations.counts()).toContainEqual({ rule: 'baseline-modified', level: 'standard', count: 1 });
    expect(shop.news).toEqual([]);
  });
});
