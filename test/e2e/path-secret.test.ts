import { describe, expect, it } from 'vitest';
import { CONFIGURATION_PATH, publishedPaths, readSecret } from '../harness/certificates.ts';
import { useCluster } from '../harness/fixture.ts';
import { callAt, pathsEndIn, readSecrets, setPath } from '../harness/paths.ts';
import { allowDns, defaultDeny } from '../harness/policies.ts';
import { ourWarnings } from '../harness/release.ts';
import { until } from '../harness/until.ts';

/** Ten minutes are twelve seconds, and a certificate is renewed after forty, with another secret. */
const TLS = { selfSigned: { caDuration: '240s', certificateDuration: '60s' } };
const cluster = useCluster({ reach: 'kept', serving: 'kept', config: { tls: TLS } });

const called = async (path: string) => callAt(cluster.guard, (await readSecret(cluster)).data['ca.crt'] ?? '', path);
const isHidden = async () => {
  for (const secret of await readSecrets(cluster)) if (await pathsEndIn(cluster, secret)) return true;
  return undefined;
};
const untilPlainRefused = () =>
  until(
    'paths without a secret to be refused',
    async () => ((await called('/validate')).status === 404 ? true : undefined),
    60_000,
  );

it('a new installation is called at paths with a secret from the beginning', async () => {
  const [secret = '', ...older] = await readSecrets(cluster);
  expect(secret).toMatch(/^[0-9a-f]{32}$/);
  expect(older).toEqual([]);
  expect((await publishedPaths(cluster)).size).toBe(7);
  expect(await pathsEndIn(cluster, secret)).toBe(true);

  const namespace = await cluster.namespace();
  expect(await cluster.apply(namespace, [defaultDeny])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('admission webhook "policies.netpol-guard.io" denied the request: '),
  });
  expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0, stderr: '' });
});

it('a stranger who does not know the secret gets the same answer as at a path that was never there', async () => {
  await untilPlainRefused();
  const never = await called('/never-there');
  expect(never.status).toBe(404);
  for (const path of ['/validate', '/mutate', '/gate', '/opt-out', '/', `/validate/${'0'.repeat(32)}`]) {
    expect(await called(path), path).toEqual(never);
  }
  const statuses = (await readSecrets(cluster)).map(async (secret) => (await called(`/validate/${secret}`)).status);
  expect(new Set(await Promise.all(statuses))).toEqual(new Set([400]));
});

it('the paths are the process own, and nothing else of the configuration is', async () => {
  const { metadata } = await cluster.api.get<{ metadata: { managedFields: readonly ManagedFields[] } }>(
    CONFIGURATION_PATH,
  );
  const ours = metadata.managedFields.find(({ manager }) => manager === 'netpol-guard-path');
  const owned = Object.values(ours?.fieldsV1['f:webhooks'] ?? {});
  expect(owned.length).toBeGreaterThan(0);
  for (const webhook of owned) {
    expect(webhook).toEqual({ '.': {}, 'f:name': {}, 'f:clientConfig': { 'f:service': { 'f:path': {} } } });
  }
});

describe('a path that somebody else writes', () => {
  it.each([
    ['none', undefined],
    ['one that nobody answers', '/elsewhere'],
    ['one with another secret', `/validate/${'a'.repeat(32)}`],
  ])('is written again: %s', async (_what, path) => {
    await setPath(cluster, path);
    await until('the secret in every path', isHidden);
    const [secret = ''] = await readSecrets(cluster);
    expect((await called(`/validate/${secret}`)).status).toBe(400);
  });

  it('is answered at once where it has no secret, and gives way when it has stood for long', async () => {
    await untilPlainRefused();
    await setPath(cluster, '/validate');
    expect((await called('/validate')).status).toBe(400);
    expect((await publishedPaths(cluster)).get(POLICIES)).toBe('/validate');
    const namespace = await cluster.namespace();
    expect((await cluster.apply(namespace, [defaultDeny])).stderr).toContain('denied the request');
    await until('the secret in every path', isHidden, 60_000);
    await untilPlainRefused();
    expect((await cluster.apply(namespace, [defaultDeny])).stderr).toContain('denied the request');
  }, 150_000);
});

it('the secret stands in no log, metric or Event', async () => {
  const texts = [
    cluster.guard.process.output(),
    await cluster.guard.metrics(),
    (await cluster.kubectl(['get', 'events', '-A', '-o', 'json'])).stdout,
    await ourWarnings(cluster.kubectl),
  ];
  const secrets = await readSecrets(cluster);
  expect(secrets.length).toBeGreaterThan(0);
  for (const text of texts) for (const secret of secrets) expect(text).not.toContain(secret);
  expect(texts[0]).toContain('publish-paths');
});

const POLICIES = 'validatingwebhookconfigurations/netpol-guard/policies.netpol-guard.io';

interface ManagedFields {
  readonly manager: string;
  readonly fieldsV1: { readonly 'f:webhooks'?: Readonly<Record<string, object>> };
}
