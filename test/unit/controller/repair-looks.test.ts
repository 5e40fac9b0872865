import { describe, expect, test } from 'vitest';
import { Repairs } from '../../../src/controller/repair-looks.ts';
import { ThreadShare } from '../../../src/controller/thread-share.ts';
import { NamespacePolicies } from '../../../src/policy/model/namespace-policies.ts';
import type { Policy } from '../../../src/policy/model/policy.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../../src/policy/model/snapshot.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { CountedTime } from '../../harness/clocks.ts';
import { deny, SETTINGS } from '../policy/fixtures.ts';
import { ENTANGLED, needy } from '../policy/repairs/entangled.ts';

const DONE = { kind: 'done' };
const LATER = { kind: 'routine' };
const REPAIR: Settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onWrite: 'repair' } };
const SHOP = { name: 'shop', labels: new Map(), labelsKnown: true, terminating: false };

/** A namespace `shop` with these policies, on a clock by which each look at one takes so long. */
class Shop {
  readonly policies = new NamespacePolicies();
  readonly time = new CountedTime();
  readonly undecided: (readonly string[])[] = [];
  found = 0;
  settings = REPAIR;
  isThere = true;
  readonly repairs: Repairs;

  constructor(policies: readonly Policy[], eachMs = 0) {
    for (const policy of policies) this.put(policy);
    this.repairs = new Repairs({
      cluster: { snapshot: () => this.snapshot(() => (this.time.ms += eachMs)) },
      settings: () => this.settings,
      clock: this.time,
      share: new ThreadShare(this.time),
      onFound: () => (this.found += 1),
      onUndecided: (_namespace, policies) => this.undecided.push(policies),
    });
  }

  put(policy: Policy): void {
    this.policies.set(policy.ref.name ?? '', policy);
  }

  look = () => this.repairs.look('shop', new AbortController().signal);

  names = () => this.repairs.of('shop')?.map(({ name }) => name);

  private snapshot(tick: () => void): ClusterSnapshot {
    const base = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
    return {
      ...base,
      namespace: () => (this.isThere ? SHOP : undefined),
      policies: () => this.policies,
      otherPolicies: () => {
        tick();
        return [];
      },
    };
  }
}

const denials = (count: number) => Array.from({ length: count }, (_, i) => deny({}, `deny-${i}`));

describe('the repairs of a namespace', () => {
  test('are not known before it was looked at, nor when it is gone', async () => {
    const shop = new Shop(denials(2));
    expect(shop.names()).toBeUndefined();
    expect(await shop.look()).toEqual(DONE);
    expect(shop.names()).toEqual(['netpol-guard-dns-for-deny-0', 'netpol-guard-dns-for-deny-1']);
    shop.isThere = false;
    await shop.look();
    expect(shop.names()).toBeUndefined();
  });

  test('are told of where they are others than before', async () => {
    const shop = new Shop(denials(1));
    await shop.look();
    await shop.look();
    expect(shop.found).toBe(1);
    shop.put(deny({}, 'another'));
    await shop.look();
    expect(shop.found).toBe(2);
  });

  test('are not looked for where nobody asked for any and none stands', async () => {
    const shop = new Shop(denials(1));
    shop.settings = SETTINGS;
    await shop.look();
    expect([shop.names(), shop.found]).toEqual([undefined, 0]);
  });

  test('have a quarter of the thread, and a slice at a time', async () => {
    const shop = new Shop(denials(5), 25);
    expect(await shop.look()).toEqual(LATER);
    expect([shop.time.slept, shop.names()]).toEqual([[75], undefined]);
    for (let i = 0; i < 4; i += 1) expect(await shop.look()).toEqual(LATER);
    expect(await shop.look()).toEqual(DONE);
    expect(shop.names()).toHaveLength(5);
    expect(shop.time.slept).toEqual([75, 75, 75, 75, 75]);
  });

  test('that change while it is looked at are looked for again', async () => {
    const shop = new Shop(denials(2), 60);
    await shop.look();
    shop.put(deny({}, 'new'));
    shop.repairs.changed('shop');
    expect(await shop.look()).toEqual(LATER);
    expect(await shop.look()).toEqual(LATER);
    expect(shop.names()).toHaveLength(2);
    for (let i = 0; i < 3; i += 1) expect(await shop.look()).toEqual(LATER);
    expect(await shop.look()).toEqual(DONE);
    expect(shop.names()).toHaveLength(3);
  });

  test('that nobody can tell are told once, and keep none of the others', async () => {
    const shop = new Shop([...ENTANGLED, needy('web'), needy('plain')]);
    await shop.look();
    await shop.look();
    expect(shop.undecided).toEqual([['web']]);
    expect(shop.names()).toEqual(['netpol-guard-dns-for-plain']);
  });
});
