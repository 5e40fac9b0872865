import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { RELEASE } from '../harness/release.ts';
import { findHelm, type Helm, MAJORS } from './installed/helm.ts';
import { clearAway, demanded, install, makeNamespace, testRelease, upgrade } from './installed/release.ts';
import { record } from './report.ts';

const current = inject('current');
let cluster: Opened;

beforeAll(async () => {
  cluster = await openCluster();
  await makeNamespace(cluster);
});

afterAll(async () => {
  await cluster.close();
});

describe.each(MAJORS)('helm %i', (major) => {
  let helm: Helm;

  beforeAll(async () => {
    helm = await findHelm(major, cluster);
    await demanded(install(helm, current));
  });

  afterAll(async () => {
    await clearAway(cluster, helm);
  });

  test('helm test fails where nobody is asked, and an upgrade brings that back', async () => {
    await demanded(cluster.kubectl(['delete', 'validatingwebhookconfiguration', RELEASE.name]));
    const { status, stdout } = await testRelease(helm);
    expect(status).not.toBe(0);
    if (major === 4) expect(stdout).toContain('policy that opens DNS to anywhere');
    // Its pod is left to be read, and nothing that has a right.
    const logged = await cluster.kubectl(['logs', `${RELEASE.name}-test`, '-n', RELEASE.namespace]);
    expect(logged.stdout).toContain('not ok: a policy that opens DNS to anywhere');
    const kinds = 'clusterrolebindings,clusterroles,rolebindings,roles,serviceaccounts';
    const left = await cluster.kubectl([
      'get',
      kinds,
      '-A',
      '-l',
      'app.kubernetes.io/name=netpol-guard-test',
      '-o',
      'name',
    ]);
    expect(left).toMatchObject({ status: 0, stdout: '' });
    await demanded(upgrade(helm, current));
    await demanded(testRelease(helm));
    record('installation', {
      what: `helm ${major}: a webhook configuration deleted by somebody`,
      result: '`helm test` fails; `helm upgrade` with the same values brings it back, and `helm test` passes',
    });
  });
});
