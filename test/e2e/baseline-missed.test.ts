import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labelsOf, specsIn, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { until } from '../harness/until.ts';
import { unregisterWebhooks } from '../harness/webhooks.ts';
import { startWorld, type World } from '../harness/world.ts';

const BASELINE = 'netpol-guard.io/baseline';

let world: World;

beforeAll(async () => {
  world = await startWorld({ config: WITH_BASELINE });
  await world.leader();
  await untilSpecs(world, await world.namespace());
});
afterAll(() => world.stop());

const eventIn = (namespace: string, reason: string) =>
  until(`the event ${reason}`, async () => {
    const { stdout } = await world.kubectl(['events', '-n', namespace]);
    return stdout.includes(reason) ? stdout : undefined;
  });

describe('a namespace that was made while nobody answered for the webhook', () => {
  it('is found at the next start, and gets its baseline; one that opted out does not', async () => {
    await world.guards[0]?.leave();
    const missed = await world.namespace();
    const without = await world.namespace({ [BASELINE]: 'none' });
    expect(await labelsOf(world, missed)).not.toHaveProperty([BASELINE]);

    const guard = await world.start('netpol-guard-1');
    world.balancer.route([guard.port]);

    await untilSpecs(world, missed, undefined, 60_000);
    expect(await labelsOf(world, missed)).toMatchObject({ [BASELINE]: 'default-deny' });
    expect(await eventIn(missed, 'BaselineAssigned')).toMatch(
      /Normal +BaselineAssigned +Namespace\/\S+ +assigned template default-deny: it was created without passing the webhook\n/,
    );
    expect(await specsIn(world, without)).toEqual({});
    expect(await specsIn(world, 'default')).toEqual({});
  });

  it('gets it at once where only the way to the webhook is broken', async () => {
    world.balancer.route([]);
    const missed = await world.namespace();

    await untilSpecs(world, missed);
    expect(await eventIn(missed, 'BaselineAssigned')).toContain('it was created without passing the webhook');

    world.balancer.route(world.guards.slice(1).map(({ port }) => port));
  });

  it('so does one where the webhook is not registered at all', async () => {
    await unregisterWebhooks(world.kubectl, world.api);

    const missed = await world.namespace();
    await untilSpecs(world, missed);

    expect(await labelsOf(world, missed)).toMatchObject({ [BASELINE]: 'default-deny' });
  });
});

describe('namespaces that are older than netpol-guard', () => {
  it('are left alone, and adopted five a second once the configuration says so', async () => {
    await world.guards[1]?.leave();
    // Creation is told to the second.
    const since = new Date(Math.ceil(Date.now() / 1000 + 2) * 1000).toISOString();
    const patch = JSON.stringify({ data: { baselineSince: since } });
    await world.kubectl(['patch', 'configmap', 'netpol-guard', '-n', 'netpol-guard', '-p', patch]);
    const old = await Promise.all(Array.from({ length: 10 }, () => world.namespace()));
    // More than caches keep.
    const labels = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`example.com/a${i}`, '']));
    const path = `/api/v1/namespaces/${old[0]}`;
    expect(
      await world.api.request('PATCH', path, { metadata: { labels } }, 'application/merge-patch+json'),
    ).toMatchObject({
      status: 200,
    });
    await until('the moment', () => (Date.now() > Date.parse(since) ? true : undefined));
    const excluded = 'left-out';
    await world.kubectl(['create', 'namespace', excluded]);

    const config = { baseline: { existingNamespaces: 'ignore', excludedNamespaces: [excluded] } };
    const guard = await world.start('netpol-guard-2', config);
    const young = await world.namespace();
    await untilSpecs(world, young, undefined, 60_000);
    for (const namespace of old) expect(await specsIn(world, namespace)).toEqual({});

    const adoptedFrom = world.auditLog().length;
    guard.configure({ baseline: { ...config.baseline, existingNamespaces: 'adopt' } });
    for (const namespace of old) await untilSpecs(world, namespace, undefined, 60_000);

    const patches = world
      .auditLog()
      .slice(adoptedFrom)
      .filter(({ verb, objectRef }) => verb === 'patch' && objectRef?.resource === 'namespaces')
      .map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
    expect(patches.length).toBeGreaterThanOrEqual(old.length);
    const first = patches[0] ?? Number.NaN;
    expect(patches.filter((time) => time < first + 1_000).length).toBeLessThanOrEqual(7);
    expect(await eventIn(old[0] ?? '', 'BaselineAssigned')).toContain('existing namespaces are adopted');
    for (const namespace of ['kube-system', 'netpol-guard', excluded])
      expect(await specsIn(world, namespace)).toEqual({});
  }, 120_000);
});
