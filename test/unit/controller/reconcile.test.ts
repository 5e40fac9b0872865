import { describe, expect, test } from 'vitest';
import { settled } from '../../harness/virtual-time.ts';
import {
  ALLOW,
  apiError,
  BASELINE,
  DENY,
  DENY_SPEC,
  dnsOf,
  LABELS,
  PENDING,
  WITH_BASELINE,
  World,
  withBaseline,
} from './world.ts';

describe('drift is healed within a second', () => {
  test.each<[string, (world: World) => void]>([
    ['a policy is deleted', (world) => world.removePolicy('shop', DENY)],
    ['a rule is added', (world) => world.putPolicy('shop', DENY, { ...DENY_SPEC, egress: [{}] }, LABELS)],
    ['a spec is emptied', (world) => world.putPolicy('shop', ALLOW, DENY_SPEC, LABELS)],
    ['a label is dropped', (world) => world.putPolicy('shop', DENY, world.policy('shop', DENY)?.spec ?? {}, {})],
  ])('where %s', async (_, drift) => {
    const world = await withBaseline();
    const before = [ALLOW, DENY].map((name) => world.policy('shop', name)?.spec);
    drift(world);
    await world.clock.advance(1000);
    expect([ALLOW, DENY].map((name) => world.policy('shop', name)?.spec)).toEqual(before);
    expect(world.policy('shop', DENY)?.labels).toEqual(LABELS);
    expect(world.writes).toHaveLength(1);
    expect([world.healed, world.reasons()]).toEqual([1, ['BaselineHealed']]);
  });

  test('and what only a cache that is behind shows is no drift', async () => {
    const world = new World();
    world.putNamespace('shop', BASELINE);
    world.isLagging = true;
    await world.lead();
    for (let i = 0; i < 10; i += 1) {
      world.settings = { ...world.settings };
      await world.clock.advance(500);
    }
    expect(world.results.length).toBeGreaterThan(5);
    world.catchUp();
    await world.clock.advance(1000);
    expect(world.writes).toEqual([`apply shop/${ALLOW}`, `apply shop/${DENY}`]);
    expect(world.healed).toBe(0);
  });

  test('but at the next resync where etcd was restored from a copy, so that versions begin anew', async () => {
    const world = await withBaseline();
    world.beginVersionsAnew();
    world.removePolicy('shop', DENY);
    await world.clock.advance(10 * 60_000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
  });
});

describe('a conflict', () => {
  /** Somebody deletes a policy ten times a second. */
  async function attack(world: World, seconds: number): Promise<void> {
    for (let i = 0; i < seconds * 10; i += 1) {
      world.removePolicy('shop', DENY);
      await world.clock.advance(100);
    }
  }

  test('is told once, and slows healing down', async () => {
    const world = await withBaseline();
    await attack(world, 60);
    expect(world.conflicts).toBe(1);
    expect(world.reasons().filter((reason) => reason === 'BaselineConflict')).toHaveLength(1);
    expect(world.healed).toBeGreaterThan(8);
    expect(world.healed).toBeLessThan(20);
  });

  test('is never given up, and over when it is quiet', async () => {
    const world = await withBaseline();
    await attack(world, 120);
    await world.clock.advance(30_000);
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    await world.clock.advance(5 * 60_000);
    const before = world.healed;
    world.removePolicy('shop', DENY);
    await world.clock.advance(10);
    expect(world.healed).toBe(before + 1);
  });

  test('slows down no other namespace', async () => {
    const world = await withBaseline();
    await attack(world, 60);
    world.putNamespace('web', BASELINE);
    await settled();
    world.removePolicy('web', DENY);
    await settled();
    expect(world.policies('web')).toEqual([ALLOW, DENY]);
  });
});

describe('a namespace that is going', () => {
  test('is left alone', async () => {
    const world = await withBaseline();
    world.putNamespace('shop', BASELINE, 60, { phase: 'Terminating' });
    world.removePolicy('shop', DENY);
    await world.clock.advance(60_000);
    expect(world.writes).toEqual([]);
    expect(world.leader?.namespaces()).toEqual([]);
  });

  test('is done with when the API server says so, which is no failure', async () => {
    const world = new World();
    world.fault = () => {
      throw apiError(403, 'Forbidden', { causes: [{ reason: 'NamespaceTerminating' }] });
    };
    world.putNamespace('shop', BASELINE);
    await world.lead();
    await world.clock.advance(60_000);
    expect(world.writes).toHaveLength(1);
    expect([world.results.includes('failed'), world.events]).toEqual([false, []]);
  });
});

describe('another namespace of the same name', () => {
  test('is not taken for the one that a cache still shows', async () => {
    const world = new World();
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'none', ...PENDING });
    world.isLagging = true;
    world.removeNamespace('shop');
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    await world.lead();
    expect(world.writes).toEqual(['patch shop']);
    expect(world.labelsOf('shop')).toMatchObject(PENDING);
    world.catchUp();
    await settled();
    expect(world.policies('shop')).toEqual([ALLOW, DENY]);
    expect(world.labelsOf('shop')).not.toHaveProperty(['netpol-guard.io/baseline-status']);
  });

  test('has no part in the conflicts of the one before', async () => {
    const world = await withBaseline();
    for (let i = 0; i < 600; i += 1) {
      world.removePolicy('shop', DENY);
      await world.clock.advance(100);
    }
    world.removeNamespace('shop');
    await settled();
    world.putNamespace('shop', BASELINE);
    await settled();
    const before = world.healed;
    world.removePolicy('shop', DENY);
    await settled();
    expect(world.healed).toBe(before + 1);
  });
});

describe('what the API server refuses', () => {
  test('is told once, and tried again ever more slowly', async () => {
    const world = new World();
    world.fault = () => {
      throw apiError(422, 'Invalid');
    };
    world.putNamespace('shop', BASELINE);
    await world.lead();
    await world.clock.advance(60_000);
    expect(world.events).toMatchObject([
      { reason: 'BaselineRefused', message: expect.stringContaining('Invalid, says the server') },
    ]);
    expect(world.writes.length).toBeLessThan(20);
    expect(world.logger.messages()).toEqual(['cannot apply a baseline, retrying']);
    expect(world.leader?.namespaces()).toMatchObject([{ state: 'failing' }]);
    world.fault = () => {};
    await world.clock.advance(120_000);
    expect(world.leader?.namespaces()).toMatchObject([{ state: 'ready' }]);
  });

  test('for a moment is not told: so does an API server that has just been started', async () => {
    const world = new World();
    world.fault = () => {
      throw world.clock.elapsed() < 10_000 ? new Error('connect ECONNREFUSED') : apiError(403, 'Forbidden');
    };
    world.putNamespace('shop', BASELINE);
    await world.lead();
    await world.clock.advance(11_000);
    world.fault = () => {};
    await world.clock.advance(60_000);
    expect(world.reasons()).toEqual(['BaselineApplied']);
  });

  test('is told once also where the namespace waits for a resolver', async () => {
    const world = new World();
    world.dns = dnsOf([]);
    const part = (name: 'allow-dns' | 'default-deny-ingress') => ({ part: name });
    const mixed = { name: 'mixed', items: [part('allow-dns'), part('default-deny-ingress')] };
    const templates = new Map([['mixed', mixed]]);
    world.settings = { ...WITH_BASELINE, baseline: { ...WITH_BASELINE.baseline, templates } };
    world.fault = () => {
      throw apiError(422, 'Invalid');
    };
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'mixed' });
    await world.lead();
    await world.clock.advance(60_000);
    expect(world.reasons()).toEqual(['NoResolver', 'BaselineRefused']);
  });

  test('for a while is tried again when it asks for that', async () => {
    const world = new World();
    world.fault = () => {
      throw apiError(429, 'TooManyRequests', { retryAfterSeconds: 20 });
    };
    world.putNamespace('shop', BASELINE);
    await world.lead();
    await world.clock.advance(50_000);
    expect(world.writes).toHaveLength(3);
    expect(world.events).toEqual([]);
  });

  test('half-way leaves pods held back, and what denies is not applied before what allows', async () => {
    const world = new World();
    world.fault = (write) => {
      if (write.endsWith(ALLOW)) throw apiError(500, 'InternalError');
    };
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    await world.lead();
    await world.clock.advance(10_000);
    expect(world.policies('shop')).toEqual([]);
    expect(world.labelsOf('shop')).toMatchObject(PENDING);
  });
});

describe('a policy that another plugin changes on its way', () => {
  test.each<[string, World['mutate']]>([
    ['its rules', (policy) => ({ ...policy, spec: { ...policy.spec, egress: [{}] } })],
    ['its labels', (policy) => ({ ...policy, labels: {} })],
  ])('in %s is told, left as it is for a minute, and applied again', async (_, mutate) => {
    const world = new World();
    world.mutate = mutate;
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'default-deny-ingress', ...PENDING });
    await world.lead();
    await world.clock.advance(30_000);
    expect(world.writes).toHaveLength(1);
    expect(world.reasons()).toContain('BaselineAltered');
    expect(world.labelsOf('shop')).toMatchObject(PENDING);
    expect(world.leader?.namespaces()).toMatchObject([{ state: 'altered' }]);
    world.mutate = (policy) => policy;
    await world.clock.advance(60_000);
    expect(world.leader?.namespaces()).toMatchObject([{ state: 'ready' }]);
    expect(world.labelsOf('shop')).not.toHaveProperty(['netpol-guard.io/baseline-status']);
  });

  test('is applied at once where somebody else changes it then', async () => {
    const world = new World();
    world.mutate = (policy) => ({ ...policy, spec: { ...policy.spec, egress: [{}] } });
    world.putNamespace('shop', { 'netpol-guard.io/baseline': 'default-deny-ingress' });
    await world.lead();
    await world.clock.advance(5000);
    world.removePolicy('shop', DENY);
    await world.clock.advance(1000);
    expect(world.policies('shop')).toEqual([DENY]);
    expect(world.healed).toBe(1);
  });
});

describe('pods are let in', () => {
  test('only when the API server itself has said that all stands, also by a new leader', async () => {
    const world = new World();
    await world.leadsOnce();
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    await world.lead();
    expect(world.writes).toEqual([`apply shop/${ALLOW}`, `apply shop/${DENY}`, 'patch shop']);
  });

  test('once, however late the cache hears of it', async () => {
    const world = new World();
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    world.isLagging = true;
    await world.lead();
    for (let i = 0; i < 5; i += 1) {
      world.settings = { ...world.settings };
      await world.clock.advance(1000);
    }
    expect(world.writes.filter((write) => write === 'patch shop')).toHaveLength(1);
  });

  test('where the label has changed meanwhile it is looked at again', async () => {
    const world = new World();
    world.putNamespace('shop', { ...BASELINE, ...PENDING });
    world.isLagging = true;
    world.putNamespace('shop', BASELINE);
    await world.lead();
    expect(world.writes.at(-1)).toBe('patch shop');
    world.catchUp();
    await world.clock.advance(5000);
    expect(world.writes.filter((write) => write === 'patch shop')).toHaveLength(1);
    expect(world.labelsOf('shop')).toEqual({ 'kubernetes.io/metadata.name': 'shop', ...BASELINE });
  });
});
