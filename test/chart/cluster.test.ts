import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openBreakGlass } from '../break-glass/page.ts';
import { demandRights } from '../harness/audit-log.ts';
import { bundle } from '../harness/bundle.ts';
import { type Guard, startGuard } from '../harness/guard.ts';
import { OURSELVES } from '../harness/release.ts';
import { type ChartCluster, startChartCluster } from './chart-cluster.ts';
import { CHART, findHelm, type KubeObject, oneOf, RELEASE, type Values } from './helm.ts';
import { createLiveHelm, type LiveHelm } from './live-helm.ts';

const helm = await findHelm(4);
const program = bundle();
let cluster: ChartCluster;
const done: ChartCluster['done'] = (...given) => cluster.done(...given);

beforeAll(async () => {
  cluster = await startChartCluster();
});
afterAll(async () => {
  await cluster?.stop();
  program.remove();
});

/** What the process would write there. */
const KEPT: Readonly<Record<string, object>> = {
  secret: { data: { 'ca.crt': 'bm90IGEgY2VydGlmaWNhdGU=' } },
  configmap: { data: { baselineSince: '2026-11-21T00:00:00Z' } },
  lease: { spec: { holderIdentity: 'netpol-guard-0', leaseDurationSeconds: 15 } },
};

const kept = async () =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(KEPT).map(async ([kind, wanted]) => {
        const { stdout } = await done(['get', kind, RELEASE.name, '-n', RELEASE.namespace, '-o', 'json']);
        const object = JSON.parse(stdout) as Record<string, unknown>;
        return [kind, Object.fromEntries(Object.keys(wanted).map((key) => [key, object[key]]))] as const;
      }),
    ),
  );

/** Everything of the release that is in the cluster, wherever. */
const ours = async () => {
  const kinds = [
    'secrets,configmaps,leases,serviceaccounts,services,deployments,poddisruptionbudgets,resourcequotas,roles',
    'rolebindings,clusterroles,clusterrolebindings,networkpolicies,issuers,certificates,servicemonitors',
    'prometheusrules,validatingwebhookconfigurations,mutatingwebhookconfigurations',
  ].join(',');
  const { stdout } = await done(['get', kinds, '-A', '-o', 'name']);
  return stdout.split('\n').filter((name) => name.includes('netpol-guard') && !name.includes('sh.helm.release'));
};

/** Values that change every group of objects. */
const CHANGED: Values = {
  enforcement: 'warn',
  replicas: 2,
  exemptNamespaces: ['argocd'],
  networkPolicy: { egress: { enabled: true }, metricsFrom: [{ namespaceSelector: {} }] },
  prometheusRule: { enabled: true },
  serviceMonitor: { enabled: true },
  commonLabels: { team: 'platform' },
  webhook: { policies: { failurePolicy: 'Ignore' }, dnsPlane: { enabled: false } },
  config: { gate: { enabled: false } },
};

describe.each([3, 4] as const)('Helm %i', (version) => {
  let live: LiveHelm;
  beforeAll(async () => {
    live = await createLiveHelm(version, cluster.address);
  });

  const succeeds = async (outcome: Promise<{ status: number | null; stderr: string }>) =>
    expect(await outcome).toMatchObject({ status: 0, stderr: '' });

  it('installs, upgrades, rolls back and takes away, and never touches what the process keeps', async () => {
    expect(await ours()).toEqual([]);
    await succeeds(live.install({}));
    for (const [kind, patch] of Object.entries(KEPT)) {
      const args = ['patch', kind, RELEASE.name, '-n', RELEASE.namespace, '--type=merge', '-p', JSON.stringify(patch)];
      await done(args);
    }
    const before = await ours();
    expect(await kept()).toEqual(KEPT);

    await succeeds(live.upgrade(CHANGED));
    expect(await kept()).toEqual(KEPT);
    expect(await ours()).not.toContain('validatingwebhookconfiguration.admissionregistration.k8s.io/netpol-guard-gate');
    await succeeds(live.upgrade({ tls: { mode: 'certManager' } }));
    await succeeds(live.rollback(1));
    expect(await kept()).toEqual(KEPT);
    expect(await ours()).toEqual(before);

    await succeeds(live.uninstall());
    expect(await ours()).toEqual([]);
  });

  it('installs again, and beside a baseline that stays', async () => {
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {} } };
    const metadata = { name: 'netpol-guard-default-deny', labels: { 'app.kubernetes.io/managed-by': 'netpol-guard' } };
    const shop = await cluster.namespace();
    await done(['apply', '-n', shop, '-f', '-'], JSON.stringify({ ...policy, metadata }));
    await succeeds(live.install({}));
    await succeeds(live.uninstall());
    expect(await ours()).toEqual(['networkpolicy.networking.k8s.io/netpol-guard-default-deny']);
    await done(['delete', 'namespace', shop]);
  });

  it('brings back what somebody took away, by an upgrade that changes nothing', async () => {
    await succeeds(live.install({}));
    const before = await ours();
    await done(['delete', 'secret,lease,configmap', RELEASE.name, '-n', RELEASE.namespace]);
    await done(['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', '--all']);
    expect(await ours()).not.toEqual(before);
    await succeeds(live.upgrade({}));
    expect(await ours()).toEqual(before);
    await succeeds(live.uninstall());
  });

  it('is refused a second release, which would take the webhooks of the first', async () => {
    await succeeds(live.install({}));
    const other = await cluster.kubectl(['create', 'namespace', `second-${version}`]);
    expect(other.status).toBe(0);
    const second = await live.second(`second-${version}`);
    expect(second.status).not.toBe(0);
    expect(second.stderr).toContain('invalid ownership metadata');
    await succeeds(live.uninstall());
  });
});

describe.each([3, 4] as const)(
  'helm test, installed by Helm %i, with a certificate that netpol-guard keeps',
  (version) => {
    let guard: Guard;
    let live: LiveHelm;
    const values = (more: Values): Values => ({ ...more, webhook: { url: guard.url } });

    beforeAll(async () => {
      live = await createLiveHelm(version, cluster.address);
      expect(await live.install({})).toMatchObject({ status: 0 });
      guard = await startGuard(program.folder, cluster.address, cluster.kubectl, { serving: 'kept' });
      // From the Service to an address, as docs/install.md says.
      await openBreakGlass(cluster.address).run('Everything off');
    });
    afterAll(async () => {
      await live.uninstall();
      await guard.process.stop('SIGKILL');
      demandRights(cluster.auditLog(), OURSELVES);
    });

    /** As the kubelet would run the pod, with its account and what Helm makes for the test. */
    const test = async (objects: readonly KubeObject[], patienceSeconds: number) => {
      const hooks = objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
      const items = hooks.filter(({ kind }) => kind !== 'Pod');
      await done(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      const pod = oneOf(hooks, 'Pod') as unknown as { spec: { containers: readonly [{ env: readonly EnvVar[] }] } };
      const expected = pod.spec.containers[0].env.find(({ name }) => name === 'EXPECTED')?.value ?? '';
      const folder = mkdtempSync(join(cluster.address.folder, 'test-'));
      const token = await done(['create', 'token', 'netpol-guard-test', '-n', RELEASE.namespace]);
      writeFileSync(join(folder, 'token'), token.stdout);
      const { hostname, port } = new URL(cluster.address.server);
      const child = spawn(process.execPath, [join(CHART, 'files/test.mjs')], {
        env: {
          KUBERNETES_SERVICE_HOST: hostname,
          KUBERNETES_SERVICE_PORT: port,
          NODE_EXTRA_CA_CERTS: cluster.address.caFile,
          TOKEN_FILE: join(folder, 'token'),
          EXPECTED: JSON.stringify({ ...(JSON.parse(expected) as object), patienceSeconds }),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const output = await text(child.stdout);
      return { status: await ended, output };
    };

    const configured = (objects: readonly KubeObject[]) => {
      const { data } = oneOf(objects, 'ConfigMap', 'netpol-guard-config') as unknown as {
        data: Record<string, string>;
      };
      const { apiVersion: _a, kind: _k, tls: _t, ...config } = parse(data['config.yaml'] ?? '') as Values;
      return { gate: { enabled: true }, baseline: { template: 'default-deny' }, ...config };
    };

    it.each([
      ['enforce', 'Fail', ['refused', 'gets the baseline default-deny']],
      ['enforce', 'Ignore', ['refused', 'gets the baseline default-deny']],
      ['warn', 'Ignore', ['warned of', 'gets no baseline']],
      ['audit', 'Ignore', ['admitted', 'gets no baseline']],
    ])('passes where netpol-guard does what was asked for: %s, %s', async (enforcement, failurePolicy, said) => {
      const asked = { enforcement, webhook: { url: guard.url, policies: { failurePolicy } } };
      expect(await live.upgrade(asked)).toMatchObject({ status: 0, stderr: '' });
      const objects = helm.render(asked);
      guard.configure(configured(objects));
      const { status, output } = await test(objects, 60);
      expect(output.match(/^ok: /gm), output).toHaveLength(4);
      for (const words of said) expect(output).toContain(words);
      expect(status).toBe(0);
    });

    it('fails where it does not, and says what the API server said', async () => {
      expect(await live.upgrade(values({ enforcement: 'audit' }))).toMatchObject({ status: 0 });
      guard.configure(configured(helm.render({ enforcement: 'audit' })));
      const { status, output } = await test(helm.render(values({ enforcement: 'enforce' })), 2);
      expect(status).toBe(1);
      expect(output).toContain('not ok: a policy that opens DNS to anywhere is refused\nthe API server answered 201');
    });
  },
);

interface EnvVar {
  readonly name: string;
  readonly value?: string;
}
