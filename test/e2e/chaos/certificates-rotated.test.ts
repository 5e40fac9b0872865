import { expect, it, onTestFinished } from 'vitest';
import { failedOpen, keepAdmitting } from '../../harness/admissions.ts';
import { publishedBundles, publishedPaths, readSecret, shake } from '../../harness/certificates.ts';
import { figure, quantiles } from '../../harness/figures.ts';
import { startSlowProxy } from '../../harness/slow-proxy.ts';
import { until } from '../../harness/until.ts';
import { startWorld } from '../../harness/world.ts';

/** A year in 80 seconds: a CA is renewed after 53, a certificate after 13, and then there are seven left to do so. */
const TLS = { selfSigned: { caDuration: '80s', certificateDuration: '20s' } };
const CHANGES = 3;
const PER_SECOND = 200;

it('CA, certificate and the secret of the paths are renewed again and again while 200 requests a second are judged: none fails', async () => {
  const config = { tls: TLS, baseline: { template: 'none' } };
  const world = await startWorld({ config, replicas: 3, serving: 'kept', reach: 'kept' });
  onTestFinished(world.stop);
  const namespace = await world.namespace();
  // One replica hears of everything a second after the others; nobody calls it, but it may show nothing that is refused.
  const slow = await startSlowProxy(world.address, (_method, path) => (isOfCertificates(path) ? 400 : 0));
  onTestFinished(slow.close);
  await world.start('netpol-guard-late', config, slow);
  const authorities = new Set<string>();
  const leaves = new Set<string>();
  const paths = new Set<string>();
  const refusedHandshakes: string[] = [];
  let handshakes = 0;
  const began = performance.now();
  const since = new Date();
  const admissions = keepAdmitting(world, namespace, PER_SECOND);

  await until(
    `${CHANGES} changes of the CA`,
    async () => {
      const { data } = await readSecret(world);
      authorities.add(data['ca.crt'] ?? '');
      for (const path of (await publishedPaths(world)).values()) paths.add(path);
      const bundles = new Set((await publishedBundles(world)).values());
      for (const { port } of world.guards) {
        for (const bundle of bundles) {
          handshakes += 1;
          await shake(port, bundle)
            .then(({ fingerprint256 }) => leaves.add(fingerprint256))
            .catch((error: unknown) => refusedHandshakes.push(`${port}: ${String(error)}`));
        }
      }
      return authorities.size > CHANGES ? true : undefined;
    },
    300_000,
  );
  // The last change is seen to its end: until nothing of the old CA is left.
  await until(
    'the old CA to be dropped',
    async () => ('previous-ca.crt' in (await readSecret(world)).data ? undefined : true),
    60_000,
  );
  await admissions.stop();
  const seconds = (performance.now() - began) / 1000;

  const secrets = new Set([...paths].map((path) => path.replace(/^.*\//, '')));
  figure(
    'certificates renewed under load: CAs, certificates, secrets of the paths',
    `${authorities.size}, ${leaves.size}, ${secrets.size}`,
  );
  figure(
    'certificates renewed under load: requests judged, failed',
    `${admissions.count()} (${Math.round(admissions.count() / seconds)} a second), ${admissions.faults.length}; ${quantiles(admissions.times)}`,
  );
  figure('certificates renewed under load: handshakes, refused', `${handshakes}, ${refusedHandshakes.length}`);
  expect({
    faults: admissions.faults.slice(0, 5),
    refused: refusedHandshakes.slice(0, 5),
    open: failedOpen(world.auditLog(), since).slice(0, 3),
  }).toEqual({ faults: [], refused: [], open: [] });
  expect(leaves.size).toBeGreaterThanOrEqual(8);
  expect(secrets.size).toBeGreaterThanOrEqual(6);
  for (const path of paths) expect(path).toMatch(/^\/(validate|mutate|gate|opt-out)\/[0-9a-f]{32}$/);
  expect(admissions.count()).toBeGreaterThan(1000);
}, 500_000);

function isOfCertificates(path: string): boolean {
  return path.includes('/secrets') || path.includes('webhookconfigurations');
}
