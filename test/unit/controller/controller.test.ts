import { describe, expect, test } from 'vitest';
import { DNS_PRESETS } from '../../../src/policy/dns/presets.ts';
import type { DnsFacts } from '../../../src/policy/model/snapshot.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { settled } from '../../harness/virtual-time.ts';
import { BOTH_53 } from '../policy/fixtures.ts';
import { ENTANGLED_SPECS, needySpec } from '../policy/repairs/entangled.ts';
import {
  ALLOW,
  apiError,
  BASELINE,
  DENY,
  DENY_SPEC,
  dnsOf,
  KUBE_DNS,
  PENDING,
  WITH_BASELINE,
  World,
  withBaseline,
} from './world.ts';

describe('a namespace with a template', () => {
  test('gets what allows before what denies, and then lets pods in', async () => {
    const world = new World();
    await world.lead();
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    await settled();
    expect(world.writes).toEqual([`apply shop/${ALLOW}`, `apply shop/${DENY}`, 'patch shop']);
    expect(world.labelsOf('shop')).toEqual({ 'kubernetes.io/metadata.name': 'shop', ...BASELINE });
    expect(world.events).toMatchObject([
      {
        namespace: 'shop',
        uid: world.uidOf('shop'),
        reason: 'BaselineApplied',
        message: `applied ${ALLOW}, ${DENY} of template default-deny`,
      },
    ]);
    expect(world.leader?.namespaces()).toEqual([{ template: 'default-deny', state: 'ready', count: 1 }]);
  });

  test('is found at the start of a term, whatever happened before it', async () => {
    const world = new World();
    for (let i = 0; i < 100; i += 1) world.putNamespace(`namespace-${i}`, BASELINE);
    await world.lead();
    await world.clock.advance(100);
    expect(world.writes).toHaveLength(200);
  });

  test('needs nothing once it has its baseline, however often it is looked at', async () => {
    const world = await withBaseline();
    await world.clock.advance(60 * 60_000);
    expect(world.writes).toEqual([]);
    expect(world.results.length).toBeGreaterThan(5);
    expect(new Set(world.results)).toEqual(new Set(['unchanged']));
  });

  test("keeps its users' own policies, whatever they are", async () => {
    const world = await withBaseline();
    world.putPolicy('shop', 'mine', DENY_SPEC);
    world.putPolicy('shop', 'labelled', DENY_SPEC, { 'app.kubernetes.io/managed-by': 'netpol-guard' });
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual(['labelled', 'mine']);
  });

  test('has the time to its baseline told once, from its creation', async () => {
    const world = new World();
    world.fault = () => {
      if (world.clock.elapsed() < 3000) throw apiError(503, 'ServiceUnavailable');
    };
    await world.lead();
    world.putNamespace('shop', BASELINE);
    await world.clock.advance(10_000);
    world.removePolicy('shop', DENY);
    await world.clock.advance(1000);
    expect(world.stood).toHaveLength(1);
    expect(world.stood[0]).toBeGreaterThanOrEqual(3);
    expect(world.stood[0]).toBeLessThan(6);
  });

  test('that once had none has no such time', async () => {
    const world = new World();
    await world.lead();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.clock.advance(60_000);
    world.putNamespace('shop', BASELINE, 60);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    expect(world.stood).toEqual([]);
  });
});

describe('a namespace that opts out', () => {
  test('loses what we applied, what denies first', async () => {
    const world = await withBaseline();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.clock.advance(1000);
    expect(world.writes.slice(0, 2)).toEqual([`delete shop/${DENY}`, `delete shop/${ALLOW}`]);
    expect(world.policies('shop')).toEqual([]);
    expect(world.reasons()).toContain('BaselineRemoved');
    expect(world.leader?.namespaces()).toEqual([{ template: 'none', state: 'none', count: 1 }]);
  });

  test('keeps what others made under our names, and is not asked about again', async () => {
    const world = new World();
    world.putPolicy('shop', 'netpol-guard-of-mine', DENY_SPEC);
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.lead();
    await world.clock.advance(60 * 60_000);
    expect(world.policies('shop')).toEqual(['netpol-guard-of-mine']);
    expect(world.writes).toEqual(['delete shop/netpol-guard-of-mine']);
  });

  test('and in again gets its baseline anew, which heals nothing', async () => {
    const world = await withBaseline();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.clock.advance(1000);
    world.putNamespace('shop', BASELINE);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    expect(world.healed).toBe(0);
  });

  test('is let go where it was held back', async () => {
    const world = new World();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none', ...PENDING });
    await world.lead();
    expect(world.labelsOf('shop')).not.toHaveProperty(['netpol-guard.io/baseline-status']);
  });
});

test('another template takes the place of the old one: it is applied before what is left over goes', async () => {
  const world = await withBaseline();
  world.putNamespace('shop', { 'netpol-guard.io/baseline': 'default-deny-ingress' });
  await world.clock.advance(1000);
  expect(world.writes).toEqual([`apply shop/${DENY}`, `delete shop/${ALLOW}`]);
  expect(world.policy('shop', DENY)?.spec).toMatchObject({ policyTypes: ['Ingress'] });
});

test('a template that the configuration has no more leaves all as it is, and says so once', async () => {
  const world = await withBaseline();
  world.putNamespace('shop', { 'netpol-guard.io/baseline': 'gone' });
  await world.clock.advance(60 * 60_000);
  expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  expect(world.events).toMatchObject([
    {
      reason: 'UnknownTemplate',
      message:
        'no template is called "gone", so nothing changes; known templates: default-deny, default-deny-egress, default-deny-ingress',
    },
  ]);
  expect(world.leader?.namespaces()).toEqual([{ template: '<unknown>', state: 'unknown', count: 1 }]);
});

describe('system and excluded namespaces', () => {
  test('get no label, and of the system no baseline either, whatever their labels say', async () => {
    const world = new World();
    world.settings = { ...WITH_BASELINE, baseline: { ...WITH_BASELINE.baseline, excludedNamespaces: ['legacy-*'] } };
    world.putNamespace('kube-system', BASELINE);
    world.putNamespace('legacy-shop');
    await world.lead();
    await world.clock.advance(1000);
    expect(world.writes).toEqual([]);
  });

  test('keep theirs when they become excluded: the label decides', async () => {
    const world = await withBaseline();
    world.settings = { ...WITH_BASELINE, baseline: { ...WITH_BASELINE.baseline, excludedNamespaces: ['shop'] } };
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });
});

/** A world with such DNS in which a namespace has waited for an hour: nothing isolates its pods, and they are let in. */
async function waiting(dns: DnsFacts): Promise<World> {
  const world = new World();
  world.dns = dns;
  world.putNamespace('shop', { ...BASELINE, ...PENDING });
  await world.lead();
  await world.clock.advance(60 * 60_000);
  expect(world.policies('shop')).toEqual([]);
  expect(world.labelsOf('shop')).not.toHaveProperty(['netpol-guard.io/baseline-status']);
  return world;
}

describe('while pods are given another nameserver than those found', () => {
  const doubted = { ...dnsOf(KUBE_DNS), mismatch: '10.0.0.53' };

  test('a new namespace waits and its pods do not, which is told once, until it is settled', async () => {
    const world = await waiting(doubted);
    expect(world.events).toMatchObject([
      {
        reason: 'ResolverMismatch',
        message: `${ALLOW}, ${DENY} wait: pods are given the nameserver 10.0.0.53, which is not among the DNS servers found; set dns.servers in the configuration, as in dns.servers: [{ipBlocks: ["10.0.0.53/32"], ports: [53]}]`,
      },
    ]);
    world.dns = dnsOf(KUBE_DNS);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });

  test('what stands stays, a deleted one comes back, and new ways to DNS are opened', async () => {
    const world = await withBaseline();
    world.dns = doubted;
    await world.clock.advance(60_000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    for (const name of [ALLOW, DENY]) world.removePolicy('shop', name);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    const gardener = DNS_PRESETS.get('gardener') ?? [];
    world.dns = { ...dnsOf(gardener), mismatch: '10.0.0.53' };
    await world.clock.advance(1000);
    expect(JSON.stringify(world.policy('shop', ALLOW)?.spec)).toContain('8053');
  });
});

describe('while no resolver is known', () => {
  test('nothing is applied that isolates, pods are let in, and it is told once', async () => {
    const world = await waiting(dnsOf([]));
    expect(world.events).toMatchObject([
      {
        reason: 'NoResolver',
        message: `${ALLOW}, ${DENY} wait: no cluster DNS is known; set dns.servers in the configuration`,
      },
    ]);
    expect(world.leader?.namespaces()).toMatchObject([{ state: 'waiting' }]);
  });

  test('what stands stays, and a deleted one does not come back', async () => {
    const world = await withBaseline();
    world.dns = dnsOf([]);
    await world.clock.advance(60_000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'default-deny-egress' });
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });

  test('one that is found brings the baseline', async () => {
    const world = new World();
    world.dns = dnsOf([]);
    world.putNamespace('shop', BASELINE);
    await world.lead();
    world.dns = dnsOf(KUBE_DNS);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });
});

test('where the resolver is another one, the ways to both stand for 30 s', async () => {
  const world = await withBaseline();
  const peers = () => JSON.stringify(world.policy('shop', ALLOW)?.spec);
  const [server] = KUBE_DNS;
  if (server?.kind !== 'pods') throw new Error('no pods');
  world.dns = dnsOf([{ ...server, namespace: 'dns' }]);
  await world.clock.advance(1000);
  expect(peers()).toMatch(/"dns".*"kube-system"/);
  await world.clock.advance(28_000);
  expect(peers()).toMatch(/"dns".*"kube-system"/);
  await world.clock.advance(2000);
  expect(peers()).toContain('"dns"');
  expect(peers()).not.toContain('"kube-system"');
  expect(world.healed).toBe(0);
});

describe('a namespace that the webhook missed', () => {
  test('is labelled and gets its baseline', async () => {
    const world = new World();
    await world.lead();
    world.putNamespace('shop');
    await world.clock.advance(1000);
    expect(world.labelsOf('shop')).toMatchObject(BASELINE);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    expect(world.reasons()).toEqual(['BaselineAssigned', 'BaselineApplied']);
    expect(world.stood).toHaveLength(1);
  });

  test('is left alone where it is older than netpol-guard', async () => {
    const world = new World();
    world.putNamespace('shop', {}, 10);
    await world.lead();
    await world.clock.advance(60_000);
    expect(world.writes).toEqual([]);
  });

  test('loses nothing while it is not known since when there are baselines', async () => {
    const world = new World();
    await world.leadsOnce();
    world.readBaselineSince = async () => {
      throw apiError(404, 'NotFound');
    };
    world.putNamespace('shop');
    await world.lead();
    await world.clock.advance(60_000);
    expect(world.writes).toEqual([]);
    world.readBaselineSince = async () => '2020-01-01T00:00:00Z';
    await world.clock.advance(10_000);
    expect(world.labelsOf('shop')).toMatchObject(BASELINE);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });

  test('is left alone where it was made while there was no default template', async () => {
    const world = new World();
    const asked: string[] = [];
    world.readBaselineSince = async (proposed) => {
      asked.push(proposed);
      return proposed;
    };
    world.settings = { ...WITH_BASELINE, baseline: { ...WITH_BASELINE.baseline, template: undefined } };
    await world.lead();
    world.putNamespace('early');
    await world.clock.advance(60_000);
    expect(asked).toEqual([]);
    world.settings = WITH_BASELINE;
    await world.clock.advance(2000);
    world.putNamespace('late');
    await world.clock.advance(1000);
    expect(asked).toHaveLength(1);
    expect(world.policies('early')).toEqual([]);
    expect(world.policies('late')).toEqual([ALLOW, DENY]);
  });

  test('is not labelled by what cannot be read as a time', async () => {
    const world = new World();
    world.readBaselineSince = async () => 'yesterday';
    world.putNamespace('shop');
    await world.lead();
    await world.clock.advance(1000);
    expect(world.writes).toEqual([]);
    expect(JSON.stringify(world.logger.lines.map(({ fields }) => String(Object.values(fields))))).toContain(
      'yesterday',
    );
  });
});

test('with `adopt` older namespaces get a baseline, five a second', async () => {
  const world = new World();
  world.settings = { ...WITH_BASELINE, baseline: { ...WITH_BASELINE.baseline, existingNamespaces: 'adopt' } };
  for (let i = 0; i < 50; i += 1) world.putNamespace(`namespace-${i}`, {}, 1000);
  world.putNamespace('kube-system', {}, 1000);
  world.putNamespace('opted-out', { 'netpol-guard.io/baseline': 'none' }, 1000);
  await world.lead();
  const labelled = () => world.writes.filter((write) => write.startsWith('patch')).length;
  await world.clock.advance(2000);
  expect(labelled()).toBeGreaterThanOrEqual(10);
  expect(labelled()).toBeLessThanOrEqual(11);
  await world.clock.advance(8000);
  expect(labelled()).toBe(50);
  expect(world.labelsOf('kube-system')).toEqual({ 'kubernetes.io/metadata.name': 'kube-system' });
  expect(world.policies('opted-out')).toEqual([]);
  expect(world.stood).toEqual([]);
});

describe('a namespace with more labels than are kept', () => {
  const many = (prefix: string) =>
    Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`${prefix}a${`${i}`.padStart(4, '0')}`, '']));

  test('is labelled like any other where the webhook missed it', async () => {
    const world = new World();
    await world.lead();
    world.putNamespace('shop', many('example.com/'));
    await world.clock.advance(5000);
    expect(world.labelsOf('shop')).toMatchObject({ 'netpol-guard.io/baseline': 'default-deny' });
    expect(world.writes.filter((write) => write.startsWith('patch'))).toEqual(['patch shop']);
    expect(world.policies('shop')).toHaveLength(2);
  });

  test('keeps its baseline, whatever begins like a label of ours', async () => {
    const world = new World();
    await world.lead();
    world.putNamespace('shop', BASELINE, 1000);
    await world.clock.advance(5000);
    const policies = world.policies('shop');
    expect(policies).toHaveLength(2);
    world.putNamespace('shop', { ...many('netpol-guard.io/'), ...BASELINE }, 1000);
    await world.clock.advance(5000);
    expect(world.policies('shop')).toEqual(policies);
  });
});

describe('with `repair`', () => {
  const repairing = { ...WITH_BASELINE, dnsBlocked: { ...WITH_BASELINE.dnsBlocked, onWrite: 'repair' as const } };

  test('pods that a policy cuts off from DNS get it back, until another one covers them', async () => {
    const world = new World();
    world.settings = repairing;
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.lead();
    world.putPolicy('shop', 'mine', DENY_SPEC);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual(['mine', 'netpol-guard-dns-for-mine']);
    expect(world.reasons()).toEqual(['DnsRepaired']);
    const allow = world.policy('shop', 'netpol-guard-dns-for-mine')?.spec ?? {};
    await world.clock.advance(60 * 60_000);
    expect(world.policies('shop')).toEqual(['mine', 'netpol-guard-dns-for-mine']);
    world.putPolicy('shop', 'mine-dns', allow);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual(['mine', 'mine-dns']);
    expect(world.writes).toHaveLength(2);
  });

  test('a new leader keeps what stands until it has looked', async () => {
    const world = new World();
    world.settings = repairing;
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    world.putPolicy('shop', 'mine', DENY_SPEC);
    const stop = await world.lead();
    await stop();
    world.writes.length = 0;
    await world.lead();
    await world.clock.advance(1000);
    expect(world.writes).toEqual([]);
  });

  test('policies that are too complicated keep nobody from the baseline, and are told of once', async () => {
    const world = new World();
    world.settings = repairing;
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'default-deny-ingress' });
    for (const [name, spec] of ENTANGLED_SPECS) world.putPolicy('shop', name, spec);
    for (const app of ['web', 'plain']) world.putPolicy('shop', app, needySpec(app));
    await world.lead();
    await world.clock.advance(60_000);
    const kept = [DENY, 'netpol-guard-dns-for-plain'];
    for (const name of kept) world.removePolicy('shop', name);
    await world.clock.advance(60_000);
    expect(world.policies('shop').filter((name) => name.startsWith('netpol-guard-'))).toEqual(kept);
    expect(world.reasons()).toEqual(['BaselineApplied', 'RepairUndecided', 'DnsRepaired', 'BaselineHealed']);
  });

  test('a repair goes with its policy, and stays while that is needed, whatever the configuration says then', async () => {
    const world = new World();
    world.settings = repairing;
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.lead();
    world.putPolicy('shop', 'mine', DENY_SPEC);
    await world.clock.advance(1000);
    world.settings = WITH_BASELINE;
    world.putPolicy('shop', 'other', { ...DENY_SPEC, podSelector: { matchLabels: { app: 'web' } } });
    await world.clock.advance(60_000);
    expect(world.policies('shop')).toEqual(['mine', 'netpol-guard-dns-for-mine', 'other']);
    world.removePolicy('shop', 'other');
    world.removePolicy('shop', 'mine');
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([]);
  });
});

describe('a leader', () => {
  test('that leads no more writes nothing more, and tells nothing of namespaces', async () => {
    const world = new World();
    const stop = await world.lead();
    expect(world.leader).toBeDefined();
    await stop();
    expect(world.leader).toBeUndefined();
    world.putNamespace('web', BASELINE);
    await world.clock.advance(60 * 60_000);
    expect([world.writes, world.clock.sleeping, world.listeners]).toEqual([[], 0, 0]);
  });

  test('that comes back begins anew, and does not write what stands', async () => {
    const world = new World();
    await world.leadsOnce();
    world.removePolicy('shop', DENY);
    await world.lead();
    await world.clock.advance(1000);
    expect(world.writes).toEqual([`apply shop/${DENY}`]);
  });

  test('that ends in the middle of a namespace does not go on with it', async () => {
    const world = new World();
    const abort = new AbortController();
    world.fault = () => abort.abort(new Error('no longer the leader'));
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    await world.controller().run(abort.signal);
    expect(world.writes).toEqual([`apply shop/${ALLOW}`]);
  });
});

test('what breaks a rule is counted by policy, and judged again upon change', async () => {
  const world = new World();
  world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
  world.putPolicy('shop', 'a', { podSelector: {}, egress: [{}], policyTypes: ['Egress'] });
  world.putPolicy('shop', 'b', { podSelector: {}, egress: [{}, {}], policyTypes: ['Egress'] });
  await world.lead();
  await world.clock.advance(100);
  expect(world.leader?.violations()).toEqual([{ rule: 'egress-open-to-anywhere', level: 'standard', count: 2 }]);
  world.removePolicy('shop', 'a');
  world.removePolicy('shop', 'b');
  await world.clock.advance(2000);
  expect(world.leader?.violations()).toEqual([]);
});

const OPEN_DNS = {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: [{ namespaceSelector: {} }], ports: BOTH_53 }],
};

/** Of which two together are anywhere, and one is not. */
function partOfInternet(cidr: string): object {
  const rule = { to: [{ ipBlock: { cidr } }], ports: [{ port: 53, protocol: 'UDP' }] };
  return { podSelector: {}, policyTypes: ['Egress', 'Ingress'], egress: [{ to: [{ namespaceSelector: {} }] }, rule] };
}

describe('what was let in by what a cache showed', () => {
  const violation = (message: string) => ({
    namespace: 'shop',
    type: 'Warning',
    reason: 'PolicyViolation',
    message: `these policies would be refused if they were applied now: ${message}`,
  });

  async function withoutBaseline(): Promise<World> {
    const world = new World();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none' });
    await world.lead();
    await world.clock.advance(1000);
    return world;
  }

  test('a policy that isolates, and a carve-out that was deleted a moment before: told within a second', async () => {
    const world = await withoutBaseline();
    world.putPolicy('shop', 'allow-dns', OPEN_DNS);
    await world.clock.advance(5000);
    world.events.length = world.violated.length = 0;
    world.removePolicy('shop', 'allow-dns');
    world.putPolicy('shop', 'default-deny', DENY_SPEC);
    await world.clock.advance(900);
    expect(world.events).toMatchObject([violation('default-deny (dns-blocked)')]);
    expect(world.violated).toEqual(['dns-blocked']);
    expect(world.leader?.violations()).toContainEqual({ rule: 'dns-blocked', level: 'standard', count: 1 });
  });

  test('24 parts of the Internet that were written at once: told within a second, once', async () => {
    const world = await withoutBaseline();
    for (let i = 0; i < 24; i += 1) world.putPolicy('shop', `part-${i}`, partOfInternet(`${i + 20}.0.0.0/9`));
    await world.clock.advance(900);
    expect(world.events).toMatchObject([
      { reason: 'PolicyViolation', message: expect.stringMatching(/ and 19 more$/) },
    ]);
    expect(world.violated).toEqual(Array(24).fill('dns-open-to-anywhere'));
    await world.clock.advance(20 * 60_000);
    expect(world.events).toHaveLength(1);
  });

  test('one part alone is nothing to tell of', async () => {
    const world = await withoutBaseline();
    world.putPolicy('shop', 'part', partOfInternet('1.0.0.0/9'));
    await world.clock.advance(20 * 60_000);
    expect(world.events).toEqual([]);
  });

  test('a hundred writes a second are judged four times a second', async () => {
    const world = await withoutBaseline();
    world.audits = 0;
    for (let i = 0; i < 300; i += 1) {
      world.putPolicy('shop', 'busy', partOfInternet(`1.${i % 100}.0.0/16`));
      await world.clock.advance(10);
    }
    expect(world.audits).toBeGreaterThanOrEqual(10);
    expect(world.audits).toBeLessThanOrEqual(12);
  });
});

test('several templates of the configuration each have a name of their own in the census', async () => {
  const world = new World();
  for (const template of BUILT_IN_TEMPLATES.keys())
    world.putNamespace(`with-${template}`, { 'netpol-guard.io/baseline': template });
  await world.lead();
  await world.clock.advance(1000);
  expect(
    world.leader
      ?.namespaces()
      .map(({ template, count }) => `${template} ${count}`)
      .sort(),
  ).toEqual(['default-deny 1', 'default-deny-egress 1', 'default-deny-ingress 1']);
});
