import { exec } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { issueLoopbackCertificate } from '../../../src/tls/x509/loopback.ts';
import { admissionReview, UID } from '../../harness/admission-review.ts';
import { VirtualClock, VirtualTime } from '../../harness/virtual-time.ts';
import { ask, folderOfTest, reviewOf, start, started } from './served.ts';

const DENY = { podSelector: {}, policyTypes: ['Egress'] };

const ALLOW_DNS = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
`;

test('standalone: the first line says where, and the example that is printed is refused', async () => {
  const { out, url, ca, health, metrics } = await started();
  expect(out().split('\n')[0]).toMatch(/^listening on https:\/\/127\.0\.0\.1:\d+$/);
  const answer = await ask(url, ca, await readFile('examples/requests/open-dns.json', 'utf8'));
  expect(answer).toMatchObject({ status: 200, json: { response: { allowed: false, status: { code: 403 } } } });
  expect((await fetch(`${health}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${metrics}/metrics`)).text()).toContain(
    'netpol_guard_admission_requests_total{operation="CREATE"',
  );
});

test('standalone: the command that is printed prints what the developer of a refused policy reads', async () => {
  const { out } = await started();
  const [, command = ''] = /\ntry it:\n([^]*)$/.exec(out()) ?? [];
  // Beside the servers, which answer meanwhile.
  const { stdout } = await promisify(exec)(command);
  expect(stdout).toContain('[dns-open-to-anywhere]');
  expect(stdout).not.toContain('"response"');
});

test('standalone: two run at a time, each prints where, and the second says that it took free ports', async () => {
  const standard = { port: undefined, healthPort: undefined, metricsPort: undefined };
  const first = await started(standard);
  const second = await started(standard);
  const places = [first, second].flatMap(({ url, health, metrics }) => [url, health, metrics]);
  expect(new Set(places).size).toBe(6);
  for (const [port, flag] of [
    ['10250', '--port'],
    ['8081', '--health-port'],
    ['8080', '--metrics-port'],
  ]) {
    expect(second.err()).toContain(`netpol-guard: port ${port} is taken, using a free one; ${flag} chooses one\n`);
  }
  for (const { url, ca, health } of [first, second]) {
    expect((await fetch(`${health}/readyz`)).status).toBe(200);
    expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: false } } });
  }
});

test('standalone: the folder is the cluster, what is broken in it is told, and requests never change it', async () => {
  await writeFile(join(folderOfTest(), 'dns.yaml'), ALLOW_DNS);
  await writeFile(join(folderOfTest(), 'broken.yaml'), 'a: [');
  const { url, ca, err } = await started({ manifests: folderOfTest() });
  await vi.waitFor(() => expect(err()).toContain('broken.yaml:1: '));
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
  expect(await ask(url, ca, reviewOf(DENY, 'other'))).toMatchObject({ json: { response: { allowed: false } } });
  expect(await ask(url, ca, reviewOf(DENY, 'other'))).toMatchObject({ json: { response: { allowed: false } } });
});

const PENDING = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {netpol-guard.io/baseline: default-deny, netpol-guard.io/baseline-status: pending}
`;

test('standalone: namespaces get the baseline, keep it, and hold their pods back until it stands', async () => {
  await writeFile(join(folderOfTest(), 'shop.yaml'), PENDING);
  const { url, ca } = await started({ manifests: folderOfTest() });
  const review = (object: object, oldObject: object | null = null) =>
    JSON.stringify(admissionReview('namespaces', { object, oldObject }));
  const bare = { metadata: { name: 'shop' } };
  const labelled = { metadata: { name: 'shop', labels: { 'netpol-guard.io/baseline': 'default-deny' } } };
  const born = await ask(url, ca, review(bare), '/mutate');
  expect(born).toMatchObject({ json: { response: { allowed: true, patchType: 'JSONPatch' } } });
  const kept = await ask(url, ca, review(bare, labelled), '/mutate');
  expect(kept).toMatchObject({ json: { response: { allowed: true, patchType: 'JSONPatch' } } });
  const pod = admissionReview('pods', { object: { metadata: { name: 'web', namespace: 'shop' } } });
  const held = await ask(url, ca, JSON.stringify(pod), '/gate');
  expect(held).toMatchObject({ json: { response: { allowed: false, status: { code: 429 } } } });
});

test('the logs hold one line a decision, without the object', async () => {
  const { url, ca, err } = await started();
  await ask(url, ca, reviewOf({ ...DENY, podSelector: { matchLabels: { app: 'very-secret' } } }));
  await vi.waitFor(() => expect(err()).not.toBe(''));
  const lines = err()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([{ level: 'info', msg: 'admission decision', uid: UID, user: 'dev', namespace: 'shop' }]);
  expect(err()).not.toContain('very-secret');
});

test('lines below the level are not written', async () => {
  const { url, ca, err, stop, done } = await started({ logLevel: 'warn' });
  await ask(url, ca, reviewOf(DENY));
  stop();
  await done;
  expect(err()).toBe('');
});

test('a stop waits for as long as it is told, and answers meanwhile', async () => {
  const { stop, done, url, ca, health } = await started({ shutdownDelaySeconds: 1 });
  const asked = performance.now();
  stop();
  await vi.waitFor(async () => expect((await fetch(`${health}/readyz`)).status).toBe(503));
  expect((await ask(url, ca, reviewOf(DENY))).status).toBe(200);
  await done;
  expect(performance.now() - asked).toBeGreaterThan(990);
});

test('a stop leaves nothing behind: the ports are closed, the authority is gone', async () => {
  const { stop, done, out, url, ca, health, metrics } = await started();
  const [, authority = ''] = /^certificate authority: (.*)$/m.exec(out()) ?? [];
  stop();
  expect(await done).toBe(0);
  expect(existsSync(authority)).toBe(false);
  await expect(ask(url, ca, '{}')).rejects.toThrow('ECONNREFUSED');
  await expect(fetch(`${health}/livez`)).rejects.toThrow();
  await expect(fetch(`${metrics}/metrics`)).rejects.toThrow();
});

test('certificates come from files, and a new pair is taken up', async () => {
  const [first, second] = [await issueLoopbackCertificate(Date.now()), await issueLoopbackCertificate(Date.now())];
  const tls = { certFile: join(folderOfTest(), 'tls.crt'), privateKeyFile: join(folderOfTest(), 'tls.key') };
  await Promise.all([writeFile(tls.certFile, first.cert), writeFile(tls.privateKeyFile, first.key)]);
  const clock = new VirtualClock(new VirtualTime(), { epoch: Date.now() });
  const { url, err, metrics: address } = await started({ tls }, {}, clock);
  expect((await ask(url, first.ca, reviewOf(DENY))).status).toBe(200);
  await writeFile(tls.certFile, second.cert);
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('keeping the last good one'));
  expect((await ask(url, first.ca, reviewOf(DENY))).status).toBe(200);
  await writeFile(tls.privateKeyFile, second.key);
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('certificate reloaded'));
  expect((await ask(url, second.ca, reviewOf(DENY))).status).toBe(200);
  const metrics = await (await fetch(`${address}/metrics`)).text();
  expect(metrics).toContain('netpol_guard_certificate_reload_failures_total 1');
});

test('paths end in the secrets of a file, which are never shown', async () => {
  const [secret, other] = ['1a'.repeat(16), '2b'.repeat(16)];
  const pathSecretFile = join(folderOfTest(), 'path-secrets');
  await writeFile(pathSecretFile, `${secret}\n`);
  const clock = new VirtualClock(new VirtualTime(), { epoch: Date.now() });
  const { url, ca, out, err, health } = await started({ pathSecretFile }, {}, clock);
  const statusAt = async (path: string) => (await ask(url, ca, reviewOf(DENY), path)).status;
  expect([await statusAt(`/validate/${secret}`), await statusAt('/validate')]).toEqual([200, 404]);
  await writeFile(pathSecretFile, 'spoilt');
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('cannot read the path secrets; keeping the last good ones'));
  expect(await statusAt(`/validate/${secret}`)).toBe(200);
  await writeFile(pathSecretFile, `/\n${other}`);
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('path secrets reloaded'));
  const answers = [`/validate/${other}`, '/validate', `/validate/${secret}`].map(statusAt);
  expect(await Promise.all(answers)).toEqual([200, 200, 404]);
  const metrics = await (await fetch(`${health}/metrics`)).text();
  for (const text of [out(), err(), metrics]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(other);
    expect(text).not.toContain('spoilt');
  }
});

test('a configuration is read again when it changes, and a bad one is refused', async () => {
  const config = join(folderOfTest(), 'config.yaml');
  const text = (more: string) => `apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n${more}\n`;
  await writeFile(config, text('enforce: off'));
  const clock = new VirtualClock(new VirtualTime(), { epoch: Date.now() });
  const { url, ca, err } = await started({ config }, {}, clock);
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
  await writeFile(config, text('enforced: standard'));
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('keeping the last good one'));
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
  await writeFile(config, text('enforce: standard'));
  await clock.advance(10_000);
  await vi.waitFor(() => expect(err()).toContain('configuration reloaded'));
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: false } } });
});

test('a port that is taken is a clear error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start({ port }).done).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken; choose another with --port, or 0`,
  );
  await expect(start({ healthPort: port }).done).rejects.toThrow('choose another with --health-port');
  await expect(start({ metricsPort: port }).done).rejects.toThrow('choose another with --metrics-port');
  other.close();
});

test.each([
  [{ manifests: 'nowhere' }, '--manifests: nowhere'],
  [{ config: 'nowhere.yaml' }, 'nowhere.yaml'],
  [{ bindAddress: '192.0.2.1' }, '--bind-address: 192.0.2.1 is not an address of this machine'],
  [{ standalone: false }, 'serve needs --tls-cert-file and --tls-private-key-file'],
  [{ pathSecretFile: 'no-such-file' }, '--path-secret-file no-such-file: ENOENT'],
  [{ tls: { certFile: 'a.crt', privateKeyFile: 'a.key' } }, 'certificate a.crt with key a.key: ENOENT'],
])('what cannot start says why: %j', async (options, message) => {
  await expect(start(options).done).rejects.toThrow(message);
});
