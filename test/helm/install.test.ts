import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { type Connected, connect } from '../harness/connected.ts';
import { openDns } from '../harness/policies.ts';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { findHelm, type Helm, MAJORS, type Values } from './installed/helm.ts';
import { inventory } from './installed/inventory.ts';
import { readmeCommands } from './installed/readme.ts';
import {
  demanded,
  install,
  isReady,
  kubernetesOf,
  makeNamespace,
  replicas,
  uninstall,
  untilLeft,
  upgrade,
  valuesFor,
} from './installed/release.ts';
import { record } from './report.ts';

let cluster: Opened;
let admin: Connected;
const values: Values = {};
const [version, form] = [inject('current'), inject('form')];

beforeAll(async () => {
  cluster = await openCluster();
  admin = connect(cluster.address);
  await makeNamespace(cluster);
});

afterAll(async () => {
  await admin.close();
  await cluster.close();
});

/** The short form leaves to one Helm what both do alike. */
const STAY = { what: 'stay', deleteBaseline: false, left: 2 };
const GO_ALONG = { what: 'go along where that is asked for', deleteBaseline: true, left: 0 };

/** What differs between two inventories; Helm's own records of releases and pods that are leaving are not waited for. */
async function changesSince(before: readonly string[]): Promise<readonly string[]> {
  const after = await inventory(cluster.api);
  const gone = before.filter((object) => !after.includes(object)).map((object) => `gone: ${object}`);
  return [...gone, ...after.filter((object) => !before.includes(object))];
}

describe.each(MAJORS)('helm %i', (major) => {
  let helm: Helm;
  let before: readonly string[];

  beforeAll(async () => {
    helm = await findHelm(major, cluster);
    before = await inventory(cluster.api);
    expect(before.length).toBeGreaterThan(100);
  });

  test('installs by the command in README, and is ready when Helm says so', async () => {
    const began = Date.now();
    await demanded(helm(readmeCommands(version.chart).install, valuesFor(version, values)));
    const seconds = (Date.now() - began) / 1000;
    const pods = await replicas(cluster);
    expect(pods.filter(isReady)).toHaveLength(3);
    expect(
      pods.flatMap(({ status }) => status.containerStatuses ?? []).map(({ restartCount }) => restartCount),
    ).toEqual([0, 0, 0]);
    record('installation', {
      what: `helm ${major} install --wait`,
      result: `${seconds.toFixed(1)} s until three replicas were ready`,
    });
  });

  test('a developer is refused, at once', async () => {
    const namespace = await admin.namespace();
    const { status, stderr } = await admin.apply(namespace, [openDns]);
    expect(status).toBe(1);
    expect(stderr).toContain('admission webhook "policies.netpol-guard.io" denied the request');
    expect(stderr).toContain('[dns-open-to-anywhere]');
    await cluster.api.request('DELETE', `/api/v1/namespaces/${namespace}`);
  });

  test('helm test passes, as README has it', async () => {
    const logs = major === 4 ? ['--logs'] : [];
    const output = await demanded(helm([...readmeCommands(version.chart).test, ...logs]));
    expect(output).toContain('Phase:          Succeeded');
    expect(output).not.toContain('Failed');
    if (major === 4) expect(output).toContain('ok: a policy that opens DNS to anywhere is refused');
  });

  test('what stands is what the chart says', async () => {
    const asked = ['template', RELEASE.name, version.chart, '--namespace', RELEASE.namespace, '--no-hooks'];
    const rendered = await demanded(
      helm([...asked, '--kube-version', await kubernetesOf(cluster)], valuesFor(version, values)),
    );
    const { stdout } = await cluster.kubectl(['diff', '--server-side', '--force-conflicts', '-f', '-'], {
      stdin: rendered,
    });
    expect(stdout).toBe('');
  });

  test.each(form === 'long' ? [STAY, GO_ALONG] : [major === 3 ? STAY : GO_ALONG])(
    'uninstalled, it is gone; the baselines $what',
    async ({ what, deleteBaseline, left }) => {
      const wanted = { ...values, cleanup: { deleteBaseline } };
      const stands = (await replicas(cluster)).length > 0;
      await demanded(stands ? upgrade(helm, version, wanted) : install(helm, version, wanted));
      const namespace = await admin.namespace();
      const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
      const count = async () => (await cluster.api.get<{ items: unknown[] }>(policies)).items.length;
      await until('a baseline', async () => ((await count()) === 2 ? true : undefined));
      await demanded(uninstall(helm));
      expect(await count()).toBe(left);
      await untilLeft(cluster);
      expect(await count()).toBe(left);
      await cluster.api.request('DELETE', `/api/v1/namespaces/${namespace}`);
      await until(
        'nothing to be left',
        async () => ((await changesSince(before)).length === 0 ? true : undefined),
        90_000,
      );
      record('installation', { what: `helm ${major} uninstall`, result: `nothing of it is left; baselines ${what}` });
    },
  );
});

describe.each(form === 'long' ? MAJORS : [4 as const])('helm %i, with an image that cannot be had', (major) => {
  let helm: Helm;

  beforeAll(async () => {
    helm = await findHelm(major, cluster);
  });

  test('leaves nothing behind', async () => {
    const before = await inventory(cluster.api);
    const broken = { ...version, tag: 'that-nobody-has' };
    const { status, stderr } = await install(helm, broken, values, ['--timeout', '15s']);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/timed out|not ready|deadline/i);
    await until(
      'nothing to be left',
      async () => ((await changesSince(before)).length === 0 ? true : undefined),
      90_000,
    );
  });
});
