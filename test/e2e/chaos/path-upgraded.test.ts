import { expect, it, onTestFinished } from 'vitest';
import { failedOpen, keepAdmitting } from '../../harness/admissions.ts';
import { readSecret } from '../../harness/certificates.ts';
import { figure } from '../../harness/figures.ts';
import { callAt, pathsEndIn, readSecrets } from '../../harness/paths.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { configurationsOf } from '../../harness/webhooks.ts';
import { startWorld, type World } from '../../harness/world.ts';

/** A year in 160 seconds: a certificate is renewed after 27, and ten minutes are eight seconds. */
const TLS = { selfSigned: { caDuration: '160s', certificateDuration: '40s' } };
const PER_SECOND = 50;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${RELEASE.namespace}/deployments`;

it('an upgrade from a version that knows no secrets, and a rollback to it, lose no admission once all have a path', async () => {
  const config = { tls: TLS, baseline: { template: 'none' } };
  const world = await startWorld({ config, replicas: 3, serving: 'kept', reach: 'service' });
  onTestFinished(world.stop);
  await createDeployment(world);
  await rollOut(world, 1);
  const since = new Date();
  const admissions = keepAdmitting(world, await world.namespace(), PER_SECOND);
  const [guard] = world.guards;
  if (guard === undefined) throw new Error('three replicas');
  const isPlainAnswered = async () =>
    (await callAt(guard, (await readSecret(world)).data['ca.crt'] ?? '', '/validate')).status === 400;

  // An older replica may still be called, for as long as the Deployment says so.
  await untilRenewed(world);
  expect(await pathsEndIn(world)).toBe(true);
  await rollOut(world, 3);
  await untilHidden(world);

  // Back, as Helm does it: the path of the older chart, and pods of its template.
  await rollOut(world, 1);
  await apply(world, 'plain');
  expect(await pathsEndIn(world)).toBe(true);
  expect(await isPlainAnswered()).toBe(true);
  await untilRenewed(world);
  expect(await pathsEndIn(world)).toBe(true);

  // And forth again.
  await rollOut(world, 3);
  await untilHidden(world);
  await until(
    'paths without a secret to be refused',
    async () => ((await isPlainAnswered()) ? undefined : true),
    60_000,
  );
  await admissions.stop();
  expect({ faults: admissions.faults.slice(0, 5), open: failedOpen(world.auditLog(), since).slice(0, 3) }).toEqual({
    faults: [],
    open: [],
  });
  expect(admissions.count()).toBeGreaterThan(1000);
  figure('paths hidden, shown and hidden again under load: requests judged, failed', `${admissions.count()}, 0`);

  // The newer chart has no path, and what the older one had goes with it: here alone something is lost.
  const from = performance.now();
  await apply(world, 'chart');
  await untilHidden(world);
  figure('paths that are taken away are written again after', `${Math.round(performance.now() - from)} ms`);
}, 300_000);

/** Until every path ends in the newest secret. */
async function untilHidden(world: World): Promise<void> {
  await until(
    'the secret in every path',
    async () => ((await pathsEndIn(world, (await readSecrets(world))[0] ?? 'none')) ? true : undefined),
    60_000,
  );
}

/** Longer than ten minutes are here. */
async function untilRenewed(world: World): Promise<void> {
  const before = (await readSecret(world)).data['tls.crt'];
  await until(
    'another certificate',
    async () => ((await readSecret(world)).data['tls.crt'] === before ? undefined : true),
    90_000,
  );
}

async function apply({ kubectl, balancer }: World, form: 'plain' | 'chart'): Promise<void> {
  const service = { namespace: RELEASE.namespace, name: RELEASE.serviceAccount, port: balancer.port };
  const items = configurationsOf(form, { service });
  const { status, stderr } = await kubectl(['apply', '-f', '-'], {
    stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  if (status !== 0) throw new Error(stderr);
}

/** Nobody runs its pods here: what its controller would say of them, the test says. */
async function createDeployment({ api }: World): Promise<void> {
  const labels = { app: RELEASE.name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'x', image: 'registry.example/x:1' }] } };
  const { status, body } = await api.request('POST', DEPLOYMENTS, {
    metadata: { name: RELEASE.name },
    spec: { replicas: 3, selector: { matchLabels: labels }, template },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
}

async function rollOut({ api }: World, updatedReplicas: number): Promise<void> {
  const patch = { status: { observedGeneration: 1, replicas: 3, updatedReplicas } };
  const path = `${DEPLOYMENTS}/${RELEASE.name}/status`;
  const { status, body } = await api.request('PATCH', path, patch, 'application/merge-patch+json');
  if (status !== 200) throw new Error(JSON.stringify(body));
}
