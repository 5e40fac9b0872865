import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBreakGlass } from '../../break-glass/page.ts';
import { bundle } from '../../harness/bundle.ts';
import { type Guard, startGuard } from '../../harness/guard.ts';
import { until } from '../../harness/until.ts';
import { BOTH_53 } from '../../unit/policy/fixtures.ts';
import { type ChartCluster, startChartCluster } from '../chart-cluster.ts';
import { CHART } from '../helm.ts';
import { createLiveHelm } from '../live-helm.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const program = bundle();
const CONFIG = { baseline: { template: 'default-deny' }, gate: { enabled: true } };
let cluster: ChartCluster;
let guard: Guard;
let prometheus: Prometheus;

const BAD = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'bad' },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 53 }] }] },
};

const WIDE = {
  ...BAD,
  metadata: { name: 'wide' },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }], ports: BOTH_53 }] },
};

beforeAll(async () => {
  cluster = await startChartCluster();
  const helm = await createLiveHelm(4, cluster.address);
  expect(await helm.install({})).toMatchObject({ status: 0 });
  guard = await startGuard(program.folder, cluster.address, cluster.kubectl, { serving: 'kept', config: CONFIG });
  // From the Service to an address, as docs/install.md says.
  await openBreakGlass(cluster.address).run('Everything off');
  expect(await helm.upgrade({ webhook: { url: guard.url } })).toMatchObject({ status: 0 });
  const [, metrics = ''] = /^metrics on http:\/\/(\S+)/m.exec(guard.process.output()) ?? [];
  prometheus = await startPrometheus(metrics, cluster.address);
});
afterAll(async () => {
  await prometheus?.stop();
  await guard?.process.stop('SIGKILL');
  await cluster?.stop();
  program.remove();
});

const proveFiring = (...alerts: readonly string[]) =>
  until(
    `these to fire: ${alerts.join(', ')}`,
    async () => {
      const firing = await prometheus.firing();
      return alerts.every((alert) => firing.includes(alert)) ? firing : undefined;
    },
    60_000,
  );
const proveSilence = () =>
  until('no alert to fire', async () => ((await prometheus.firing()).length === 0 ? true : undefined), 60_000);

it('a replica that judges and leads is scraped, and nothing fires', async () => {
  await until('a refusal', async () =>
    (await cluster.apply('default', [BAD])).stderr.includes('policies.netpol-guard.io') ? true : undefined,
  );
  expect((await cluster.apply('default', [WIDE])).stderr).toContain('Warning: ');
  await cluster.namespace();
  await until('a leader', async () =>
    (await prometheus.count('netpol_guard_leader_election_master_status == 1')) === 1 ? true : undefined,
  );
  await proveSilence();
});

it('the queries of the dashboard find what a replica that works has to show', async () => {
  const { panels } = JSON.parse(readFileSync(join(CHART, 'files/dashboard.json'), 'utf8')) as {
    panels: readonly { title: string; targets?: readonly { expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '30s')),
  );
  // What never went wrong here has no series.
  const rare = /rejection_count|fail_open|shed_|refused_requests|violations|gate_waits|state!~/;
  const usual = asked.filter((query) => !rare.test(query));
  expect(usual.length).toBeGreaterThan(20);
  // A rate takes two scrapes.
  let empty = usual;
  const answered = async () => {
    const counts = await Promise.all(usual.map((query) => prometheus.count(query)));
    empty = usual.filter((_, index) => counts[index] === 0);
    return empty.length === 0 ? true : undefined;
  };
  await until('every query to find something', answered, 60_000).catch(() => undefined);
  expect(empty).toEqual([]);
});

it('a configuration that is refused is told of until it is mended', async () => {
  guard.configure({ ...CONFIG, enforce: 'hard' });
  await proveFiring('NetpolGuardConfigurationRefused');
  guard.configure(CONFIG);
  await proveSilence();
});

it('a webhook that is gone is told of, and which calls are refused and which let through', async () => {
  await guard.process.stop('SIGKILL');
  const refused = await cluster.apply('default', [BAD]);
  expect(refused.stderr).toContain('failed calling webhook "policies.netpol-guard.io"');
  await cluster.namespace();
  await proveFiring(
    'NetpolGuardDown',
    'NetpolGuardFailsClosed policies.netpol-guard.io',
    'NetpolGuardFailsOpen baseline.netpol-guard.io',
  );
});
