import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demandRights } from '../harness/audit-log.ts';
import { bundle } from '../harness/bundle.ts';
import { type Guard, startGuard } from '../harness/guard.ts';
import { pathsEndIn, readSecrets } from '../harness/paths.ts';
import { OURSELVES } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { type ChartCluster, startChartCluster } from './chart-cluster.ts';
import { CHART, RELEASE, type Values } from './helm.ts';
import { createLiveHelm, type LiveHelm } from './live-helm.ts';

/** A certificate is renewed after 27 seconds, and ten minutes are eight seconds. */
const CONFIG = { tls: { selfSigned: { caDuration: '160s', certificateDuration: '40s' } } };
const CHANGED: Values = {
  replicas: 2,
  webhook: { policies: { failurePolicy: 'Ignore' } },
  commonLabels: { team: 'x' },
};

const program = bundle();
let cluster: ChartCluster;

beforeAll(async () => {
  cluster = await startChartCluster();
});
afterAll(async () => {
  demandRights(cluster.auditLog(), OURSELVES);
  await cluster?.stop();
  program.remove();
});

/** The chart as it was while it rendered paths. */
function olderChart(): string {
  const chart = join(mkdtempSync(join(cluster.address.folder, 'older-')), 'netpol-guard');
  cpSync(CHART, chart, { recursive: true });
  const file = join(chart, 'templates/_webhook.tpl');
  const template = readFileSync(file, 'utf8');
  const older = template.replace(
    'unset $webhook.clientConfig.service "path"',
    'set $webhook.clientConfig.service "path" $path',
  );
  if (older === template) throw new Error('the chart renders paths already');
  writeFileSync(file, older);
  return chart;
}

/** What the controller of Deployments would say, which does not run here. */
async function rollOut(): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${RELEASE.namespace}/deployments/${RELEASE.name}`;
  const { metadata, spec } = await cluster.api.get<{ metadata: { generation: number }; spec: { replicas: number } }>(
    path,
  );
  const { replicas } = spec;
  const patch = { status: { observedGeneration: metadata.generation, replicas, updatedReplicas: replicas } };
  const { status } = await cluster.api.request('PATCH', `${path}/status`, patch, 'application/merge-patch+json');
  if (status !== 200) throw new Error(`${path}/status: ${status}`);
}

const untilPathsEndIn = (secret: () => Promise<string | undefined>) =>
  until('the paths', async () => ((await pathsEndIn(cluster, await secret())) ? true : undefined), 60_000);
const newest = async () => (await readSecrets(cluster))[0] ?? 'none';

describe.each([3, 4] as const)('Helm %i', (version) => {
  let live: LiveHelm;
  let guard: Guard | undefined;
  const start = async (config: Values = {}) => {
    guard = await startGuard(program.folder, cluster.address, cluster.kubectl, { serving: 'kept', config });
  };
  const end = async () => {
    await guard?.process.stop('SIGKILL');
    expect(await live.uninstall()).toMatchObject({ status: 0 });
  };
  const succeeds = async (outcome: Promise<{ status: number | null; stderr: string }>) =>
    expect(await outcome).toMatchObject({ status: 0, stderr: '' });

  beforeAll(async () => {
    live = await createLiveHelm(version, cluster.address);
  });

  it('leaves the paths alone that the process has written, by upgrades and a rollback', async () => {
    await succeeds(live.install({}));
    await start();
    const secret = await newest();
    expect(await pathsEndIn(cluster, secret)).toBe(true);
    await succeeds(live.upgrade(CHANGED));
    expect(await pathsEndIn(cluster, secret)).toBe(true);
    await succeeds(live.rollback(1));
    expect(await pathsEndIn(cluster, secret)).toBe(true);

    await succeeds(live.upgrade({ config: { gate: { enabled: false } } }));
    await succeeds(live.upgrade({}));
    await untilPathsEndIn(async () => secret);
    expect(await readSecrets(cluster)).toEqual([secret]);
    await end();
  });

  it('comes from a chart that rendered the paths, and goes back to it', async () => {
    await succeeds(live.install({}, olderChart()));
    await start(CONFIG);
    expect(await pathsEndIn(cluster)).toBe(true);

    // Pods of the older version may still run: they are called where they were, and nobody had to put that right.
    await succeeds(live.upgrade({}));
    expect(await pathsEndIn(cluster)).toBe(true);
    expect(await guard?.metric('netpol_guard_certificate_steps_total', { step: 'publish-paths' })).toBe(0);
    await rollOut();
    await untilPathsEndIn(newest);
    await succeeds(live.upgrade(CHANGED));
    await untilPathsEndIn(newest);

    const back = await live.rollback(1);
    if (version === 4) {
      expect(back.status).not.toBe(0);
      expect(back.stderr).toContain('conflict with "netpol-guard-path"');
      expect(await pathsEndIn(cluster, await newest())).toBe(true);
      await succeeds(live.rollback(1, '--force-conflicts'));
    } else {
      expect(back).toMatchObject({ status: 0, stderr: '' });
    }
    expect(await pathsEndIn(cluster)).toBe(true);
    await end();
  });

  it('leaves the certificate to somebody else, and takes it back', async () => {
    await succeeds(live.install({}));
    await start();
    // It loses the rights to what it keeps.
    await guard?.process.stop('SIGKILL');
    const elsewhere = { tls: { mode: 'certManager' } };
    const there = await live.upgrade(elsewhere);
    if (version === 4) {
      expect(there.status).not.toBe(0);
      expect(there.stderr).toContain('conflict with "netpol-guard-path"');
      await succeeds(live.upgrade(elsewhere, '--force-conflicts'));
    } else {
      expect(there).toMatchObject({ status: 0, stderr: '' });
    }
    expect(await pathsEndIn(cluster)).toBe(true);
    await succeeds(live.upgrade({}));
    expect(await pathsEndIn(cluster)).toBe(true);
    await end();
  });

  it('goes from the Service to an address, and back', async () => {
    await succeeds(live.install({}));
    await start();
    const url = 'https://127.0.0.1:10250';
    const there = await live.upgrade({ webhook: { url } });
    if (version === 4) {
      // It takes away what is its own of the Service, and the path is not.
      expect(there.status).not.toBe(0);
      expect(there.stderr).toContain('exactly one of url or service is required');
      const kinds = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';
      await cluster.done(['delete', kinds, '-l', `app.kubernetes.io/instance=${RELEASE.name}`]);
      await succeeds(live.upgrade({ webhook: { url } }));
    } else {
      expect(there).toMatchObject({ status: 0, stderr: '' });
    }
    await succeeds(live.upgrade({}));
    const secret = await newest();
    await untilPathsEndIn(async () => secret);
    await end();
  });
});
