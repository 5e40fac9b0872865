import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { bundle } from '../harness/bundle.ts';
import { publishedBundles } from '../harness/certificates.ts';
import { type Creators, creatorsOf } from '../harness/creators.ts';
import { makeNamespaces, untilAllStand } from '../harness/crowd.ts';
import { figure } from '../harness/figures.ts';
import { OURSELVES } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { checkOutVersionBefore, type Sources } from '../harness/version-before.ts';
import { startAdmissions } from '../helm/admissions/admissions.ts';
import { startCalls } from '../helm/admissions/calls.ts';
import { expectNothingLost, lostRow } from '../helm/admissions/lost.ts';
import { untilJudged } from '../helm/installed/release.ts';
import { installed, registered } from './adjacent/installed.ts';
import { followManaged } from './adjacent/managed.ts';
import { prepareReplicas, type Replica } from './adjacent/replicas.ts';
import { leader, rollOut } from './adjacent/roll-out.ts';
import { LOWERED, tenantOperations } from './adjacent/tenant-operations.ts';
import { type ChartCluster, startChartCluster } from './chart-cluster.ts';
import { createLiveHelm } from './live-helm.ts';

/** How long both versions are called at once while one leads, and then the other. */
const MIXED_MS = 5_000;

let before: Sources;
let now: ReturnType<typeof bundle>;
let cluster: ChartCluster;
let creators: Creators;

beforeAll(async () => {
  before = checkOutVersionBefore();
  execFileSync(process.execPath, [join(before.folder, 'scripts/build.ts')], { cwd: before.folder });
  now = bundle();
  cluster = await startChartCluster();
  creators = creatorsOf(cluster);
  await creators.furnish();
});
afterAll(async () => {
  await cluster?.stop();
  now?.remove();
  before?.remove();
});

it.each([3, 4] as const)(
  'the version before, both at once, this one, both, and the one before: Helm %i',
  async (major) => {
    const helm = await createLiveHelm(major, cluster.address);
    const helmBefore = await createLiveHelm(major, cluster.address, join(before.folder, 'charts/netpol-guard'));
    const replicas = await prepareReplicas(cluster);
    onTestFinished(replicas.stop);
    // This machine's nameserver is none of the cluster's.
    const values = { replicas: 2, shutdownDelaySeconds: 1, dnsPolicy: 'Default', webhook: { url: replicas.url } };
    const born = async (when: string) => {
      const names = await makeNamespaces({ api: creators.dana }, `born-${when}-${major}`, 3);
      await untilAllStand(cluster, names);
      return names;
    };

    expect(await helmBefore.install(values)).toMatchObject({ status: 0 });
    onTestFinished(async () => {
      await helm.uninstall();
    });
    await replicas.mount();
    for (const name of ['before-0', 'before-1']) await replicas.add(before.folder, name);
    await until('every webhook to have its CA', async () =>
      [...(await publishedBundles(cluster)).values()].every((ca) => ca !== '') ? true : undefined,
    );
    await untilJudged(cluster);
    const standing = await born('before');
    const [objects, webhooks] = [await installed(cluster), await registered(cluster)];

    const since = new Date();
    const managed = await followManaged(cluster, standing);
    const calls = await startCalls(cluster.api);
    const more = tenantOperations(standing[0] ?? '');
    const admissions = await startAdmissions(cluster.api, { writer: creators.dana, more });
    const mixed = (when: string) => async () => {
      const [leading, ...others] = replicas.running;
      const earlier = await leading?.asked();
      await untilAsked(others);
      await born(when);
      await pause(MIXED_MS);
      const by = [((await leading?.asked()) ?? 0) - (earlier ?? 0)];
      for (const other of others) by.push(await other.asked());
      figure(`adjacent versions, Helm ${major}, ${when}: reviews answered meanwhile`, by.join(', '));
      expect(by[0]).toBeGreaterThan(0);
    };

    const upgraded = await helm.upgrade(values);
    expect(upgraded).toMatchObject({ status: 0 });
    await until('the policy about lowered labels to be obeyed', async () => {
      const [lowered] = more;
      return (await lowered?.ask(creators.dana, ''))?.status === 403 ? true : undefined;
    });
    const upgrading = admissions.count();
    await rollOut(cluster, replicas, { program: now.folder, name: 'now' }, mixed('upgrading'));
    expect(await leader(cluster)).toMatch(/^now-/);
    expect(await installed(cluster)).not.toEqual(objects);

    expect(await helm.rollback(1)).toMatchObject({ status: 0 });
    await rollOut(cluster, replicas, { program: before.folder, name: 'again' }, mixed('going-back'));
    expect(await leader(cluster)).toMatch(/^again-/);
    await born('again');

    const counts = await admissions.stop();
    const counted = await calls();
    figure(`adjacent versions, Helm ${major}: lost`, JSON.stringify(lostRow(counts, counted)));
    // What the webhook was asked before is the API server's own to say, a moment after it has the policy.
    figure(`adjacent versions, Helm ${major}: labels lowered while upgrading`, `${upgrading.faults.length}`);
    expect(upgrading.faults.filter(({ operation }) => operation !== LOWERED)).toEqual([]);
    expectNothingLost(counts, counted);
    expect({ changes: managed.changes, writes: managed.writes() }).toEqual({ changes: [], writes: [] });
    expect(forbidden(since)).toEqual([]);
    expect(await installed(cluster)).toEqual(objects);
    expect(await registered(cluster)).toEqual(webhooks);
  },
);

/** The API server keeps its connections: it opens more where more is asked for at once. */
async function untilAsked(replicas: readonly Replica[]): Promise<void> {
  const ask = () =>
    creators.dana.request('POST', '/api/v1/namespaces?dryRun=All', { metadata: { generateName: 'dry-' } });
  await until('the other version to be asked', async () => {
    for (const replica of replicas) if ((await replica.asked()) > 0) return true;
    await Promise.all(Array.from({ length: 8 }, ask));
    return undefined;
  });
}

/** What netpol-guard has asked for and had no right to. */
function forbidden(since: Date): readonly string[] {
  return cluster
    .auditLog()
    .filter(
      ({ user, requestReceivedTimestamp }) =>
        user.username === OURSELVES && new Date(requestReceivedTimestamp) >= since,
    )
    .filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid')
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}
