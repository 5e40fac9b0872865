import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Guard } from '../harness/guard.ts';
import { allowDns, defaultDeny, egressPolicy, policyPath } from '../harness/policies.ts';
import { policyEvents, type SlowProxy, startSlowProxy } from '../harness/slow-proxy.ts';
import { until } from '../harness/until.ts';
import { startWorld, type World } from '../harness/world.ts';

const LAG_MS = 3_000;

/** One replica leads and hears of everything at once; the other one judges, and hears of policies late. */
let world: World;
let leader: Guard;
let judge: Guard;
let proxy: SlowProxy;

beforeAll(async () => {
  world = await startWorld();
  leader = await world.leader();
  proxy = await startSlowProxy(world.address, () => 0, { lagOf: policyEvents(LAG_MS) });
  judge = await world.start('netpol-guard-late', undefined, proxy);
  world.balancer.route([judge.port]);
});
afterAll(async () => {
  await world.stop();
  proxy.close();
});

const write = async (namespace: string, policy: object, query = ''): Promise<number> =>
  (await world.api.request('POST', policyPath(namespace, query), policy)).status;

/** A part of the Internet that is no anywhere alone; two of them are. */
const part = (index: number): object =>
  egressPolicy(`part-${index}`, [
    { to: [{ ipBlock: { cidr: `${20 + index}.0.0.0/9` } }], ports: [{ port: 53, protocol: 'UDP' }] },
    { to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] },
  ]);

interface EventList {
  readonly items: readonly { readonly reason: string; readonly message: string }[];
}

/** Ends once the leader has told of violations in the namespace, and returns what it said. */
const told = (namespace: string): Promise<string> =>
  until('an Event about what was let in', async () => {
    const { items } = await world.api.get<EventList>(`/api/v1/namespaces/${namespace}/events`);
    return items.find(({ reason }) => reason === 'PolicyViolation')?.message;
  });

const found = (rule: string): Promise<number> => leader.metric('netpol_guard_violations_found_total', { rule });

it('a carve-out that was deleted a moment before an isolating policy was let in', async () => {
  const namespace = await world.namespace();
  expect(await write(namespace, allowDns)).toBe(201);
  await until('the carve-out to be known to the replica that judges', async () => {
    const reads = await judge.metric('netpol_guard_live_reads_total');
    const status = await write(namespace, defaultDeny, '?dryRun=All');
    return status === 201 && (await judge.metric('netpol_guard_live_reads_total')) === reads ? true : undefined;
  });
  const before = await found('dns-blocked');

  await world.api.request('DELETE', policyPath(namespace, '/allow-dns'));
  expect(await write(namespace, defaultDeny)).toBe(201);

  expect(await told(namespace)).toBe(
    'these policies would be refused if they were applied now: default-deny (dns-blocked)',
  );
  expect(await found('dns-blocked')).toBe(before + 1);
});

it('24 parts of the Internet, each let in while the others were not seen', async () => {
  const namespace = await world.namespace();
  const before = await found('dns-open-to-anywhere');

  const statuses = await Promise.all(Array.from({ length: 24 }, (_, index) => write(namespace, part(index))));

  const admitted = statuses.filter((status) => status === 201).length;
  expect(admitted).toBeGreaterThan(1);
  // The first that it has heard of; the others are counted as they come.
  expect(await told(namespace)).toMatch(
    /^these policies would be refused if they were applied now: part-\d+ \(dns-open-to-anywhere\)/,
  );
  await until('each of them to be counted', async () =>
    (await found('dns-open-to-anywhere')) === before + admitted ? true : undefined,
  );
});

it('what a leader finds is counted once, and what is right is not told of', async () => {
  const namespace = await world.namespace();
  const before = await leader.metric('netpol_guard_violations_found_total');
  expect(await write(namespace, allowDns)).toBe(201);
  expect(await write(namespace, defaultDeny)).toBe(201);
  expect(await write(namespace, part(0))).toBe(201);
  const audits = () => leader.metric('netpol_guard_workqueue_work_duration_seconds_count', { name: 'audits' });
  const judged = await audits();

  expect(await write(namespace, { ...allowDns, metadata: { name: 'allow-dns-too' } })).toBe(201);
  await until('the leader to have looked', async () => ((await audits()) > judged ? true : undefined));

  expect(await leader.metric('netpol_guard_violations_found_total')).toBe(before);
});
