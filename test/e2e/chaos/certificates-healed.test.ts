import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedOpen, keepAdmitting } from '../../harness/admissions.ts';
import {
  CONFIGURATION_PATH,
  certificatesIn,
  publishedBundles,
  readSecret,
  SECRET_PATH,
  setBundle,
  shake,
} from '../../harness/certificates.ts';
import { figure } from '../../harness/figures.ts';
import { createAuthority } from '../../harness/pki.ts';
import { OURSELVES, ourWarnings, RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startWorld, type World } from '../../harness/world.ts';

/** What nothing may come of, whatever is done to it. */
const PAIRS = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'];
/** Gently: what is asked here is not how much, but whether. */
const PER_SECOND = 10;
const ENOUGH = 40;
const CONFIG = { baseline: { template: 'none' } };

let world: World;
beforeAll(async () => {
  world = await startWorld({ config: CONFIG, replicas: 3, serving: 'kept' });
}, 180_000);
afterAll(() => world?.stop());

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What is shown by each replica that runs, by fingerprint; each is verified with what the Secret says of the CA. */
async function shown(): Promise<readonly string[]> {
  const { data } = await readSecret(world);
  const running = world.guards.filter(({ process }) => process.exitCode() === undefined);
  const leaves = await Promise.all(running.map(({ port }) => shake(port, data['ca.crt'] ?? '')));
  return leaves.map(({ fingerprint256 }) => fingerprint256);
}

async function patchSecret(patch: object): Promise<void> {
  const { status, body } = await world.api.request('PATCH', SECRET_PATH, patch, 'application/merge-patch+json');
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** Waits until every webhook holds the CA of the Secret and nothing else, and says how long that took. */
async function untilPublished(): Promise<number> {
  const from = performance.now();
  await until('the CA in every webhook', async () => {
    const { data } = await readSecret(world);
    const bundles = [...(await publishedBundles(world)).values()];
    return bundles.length === 7 && bundles.every((bundle) => bundle === data['ca.crt']) ? true : undefined;
  });
  return performance.now() - from;
}

it('three replicas that start at once on an empty Secret agree on one CA and one certificate', async () => {
  expect(new Set(await shown()).size).toBe(1);
  await untilPublished();
  const writes = world
    .auditLog()
    .filter(
      ({ user, verb, objectRef }) =>
        user.username === OURSELVES && verb === 'update' && objectRef?.resource === 'secrets',
    );
  expect(writes.filter(({ responseStatus }) => responseStatus?.code === 200)).toHaveLength(1);
  for (const { port } of world.guards)
    expect(
      (await shake(port, (await readSecret(world)).data['ca.crt'] ?? '')).checkHost('netpol-guard.netpol-guard.svc'),
    ).toBeDefined();
});

describe('what becomes of the Secret while the replicas run', () => {
  const other = () => {
    const authority = createAuthority(world.address.folder, 'netpol-guard CA');
    const { certFile, keyFile } = authority.issue('other', {
      commonName: 'other',
      names: ['DNS:netpol-guard.netpol-guard.svc', 'IP:127.0.0.1'],
    });
    return { ca: authority.pem, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  };

  it.each([
    ['emptied', () => ({ data: null })],
    ['left without its CA', () => ({ data: { 'ca.crt': null } })],
    ['given a certificate that is none', () => ({ data: { 'tls.crt': base64('nonsense') } })],
    ['given the key of another certificate', () => ({ data: { 'tls.key': base64(other().key) } })],
    [
      'given a pair of another CA',
      () => ({
        data: { 'ca.crt': base64(other().ca), 'tls.crt': base64(other().cert), 'tls.key': base64(other().key) },
      }),
    ],
    ['given another state of the rotation', () => ({ data: { 'rotation.json': base64('{}') } })],
  ])('%s: it is filled again with what is served, and nothing else is shown', async (_what, patch) => {
    const before = await readSecret(world);
    const leaf = new Set(await shown());
    const namespace = await world.namespace();
    const admissions = keepAdmitting(world, namespace, PER_SECOND);
    const from = performance.now();
    await patchSecret(patch());
    await until('the Secret to be healed', async () => {
      const { data } = await readSecret(world);
      return PAIRS.every((key) => data[key] === before.data[key]) ? true : undefined;
    });
    const took = performance.now() - from;
    await until('some admissions', () => (admissions.count() > ENOUGH ? true : undefined), 60_000);
    await admissions.stop();
    expect(admissions.faults).toEqual([]);
    expect(new Set(await shown())).toEqual(leaf);
    figure('a spoilt Secret is healed after', `${Math.round(took)} ms`);
  });

  it('brought back from a backup: what is served goes on being served', async () => {
    const before = await readSecret(world);
    const rotation: { generation: number } = JSON.parse(before.data['rotation.json'] ?? '');
    await patchSecret({ data: { 'rotation.json': base64(JSON.stringify({ ...rotation, generation: 1 })) } });
    await until('the Secret to be healed', async () => {
      const { data } = await readSecret(world);
      const { generation }: { generation: number } = JSON.parse(data['rotation.json'] ?? '');
      return generation > rotation.generation ? true : undefined;
    });
    expect((await readSecret(world)).data['tls.crt']).toBe(before.data['tls.crt']);
  });

  it('deleted: said loudly, served on, and filled with the same as soon as somebody makes it again', async () => {
    const before = await readSecret(world);
    const leaf = new Set(await shown());
    const namespace = await world.namespace();
    const admissions = keepAdmitting(world, namespace, PER_SECOND);
    await world.leader();
    expect((await world.api.request('DELETE', SECRET_PATH)).status).toBe(200);
    for (const guard of world.guards) {
      await until('the metric', async () =>
        (await guard.metric('netpol_guard_certificate_secret_missing')) === 1 ? true : undefined,
      );
      expect(await guard.ready()).toBe(true);
      expect(guard.process.output()).toContain('there is no Secret netpol-guard/netpol-guard');
    }
    await until(
      'a Warning',
      async () => ((await ourWarnings(world.kubectl)).includes('CertificateSecretMissing') ? true : undefined),
      90_000,
    );
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: RELEASE.name, namespace: RELEASE.namespace } };
    const from = performance.now();
    expect((await world.api.request('POST', SECRET_PATH.slice(0, SECRET_PATH.lastIndexOf('/')), secret)).status).toBe(
      201,
    );
    await until('the Secret to be filled', async () =>
      (await readSecret(world)).data['tls.crt'] === before.data['tls.crt'] ? true : undefined,
    );
    figure('a Secret that was made again is filled after', `${Math.round(performance.now() - from)} ms`);
    await admissions.stop();
    expect(admissions.faults).toEqual([]);
    const leaves = (await shown()).map((one) => leaf.has(one));
    expect(leaves).toEqual([true, true, true]);
  }, 180_000);
});

describe('what becomes of the configurations', () => {
  it.each([
    ['emptied', () => ''],
    ['overwritten by somebody else', () => createAuthority(world.address.folder, 'somebody').pem],
    ['overwritten with nonsense', () => 'nonsense'],
    [
      'given one CA more',
      async () => `${(await readSecret(world)).data['ca.crt']}${createAuthority(world.address.folder, 'more').pem}`,
    ],
  ])('a caBundle that is %s: it is written again', async (_what, bundle) => {
    const leaf = new Set(await shown());
    await setBundle(world, await bundle());
    figure('a spoilt caBundle is healed after', `${Math.round(await untilPublished())} ms`);
    expect(new Set(await shown())).toEqual(leaf);
  });

  it('a configuration that is made again without a caBundle gets one', async () => {
    const object = await world.api.get<{
      metadata: { name: string };
      webhooks: { clientConfig: { caBundle?: string } }[];
    }>(CONFIGURATION_PATH);
    expect((await world.api.request('DELETE', CONFIGURATION_PATH)).status).toBe(200);
    const webhooks = object.webhooks.map((webhook) => {
      const { caBundle: _, ...clientConfig } = webhook.clientConfig;
      return { ...webhook, clientConfig };
    });
    const again = { ...object, metadata: { name: object.metadata.name }, webhooks };
    expect(
      (await world.api.request('POST', CONFIGURATION_PATH.slice(0, CONFIGURATION_PATH.lastIndexOf('/')), again)).status,
    ).toBe(201);
    figure('a new configuration has its caBundle after', `${Math.round(await untilPublished())} ms`);
  });
});

it('with every replica gone and the Secret spoilt, the next ones begin anew, and trust the old CA for a while', async () => {
  const before = await readSecret(world);
  const old = [...world.guards];
  await Promise.all(old.map(({ process }) => process.stop('SIGKILL')));
  await patchSecret({ data: null });
  const fresh = await Promise.all(['a', 'b', 'c'].map((one) => world.start(`netpol-guard-${one}`)));
  world.balancer.route(fresh.map(({ port }) => port));
  const { data } = await readSecret(world);
  expect(data['ca.crt']).not.toBe(before.data['ca.crt']);
  expect(data['previous-ca.crt']).toBe(before.data['ca.crt']);
  for (const bundle of (await publishedBundles(world)).values()) expect(certificatesIn(bundle)).toHaveLength(2);
  const since = new Date();
  const admissions = keepAdmitting(world, await world.namespace(), PER_SECOND);
  await until('some admissions', () => (admissions.count() > ENOUGH ? true : undefined), 60_000);
  await admissions.stop();
  expect(admissions.faults).toEqual([]);
  expect(failedOpen(world.auditLog(), since)).toEqual([]);
});
