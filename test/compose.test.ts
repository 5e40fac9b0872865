import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServeOptions } from '../src/cli/options.ts';
import { type ProcessIo, serve } from '../src/compose.ts';
import { issueLoopbackCertificate } from '../src/tls/loopback.ts';

let folder = '';
const running: Served[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'));
});

afterEach(async () => {
  for (const served of running.splice(0)) {
    served.stop();
    served.stop();
    await served.done.catch(() => {});
  }
  await rm(folder, { recursive: true });
});

interface Served {
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: () => void;
  readonly done: Promise<number>;
}

/** serve, as main.ts calls it, with the process written down. */
function start(options: Partial<ServeOptions> = {}): Served {
  let out = '';
  let err = '';
  let stop = () => {};
  const io: ProcessIo = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    stdin: async function* () {},
    colours: false,
    now: Date.now,
    env: { TMPDIR: folder },
    onStop: (handler) => {
      stop = handler;
    },
  };
  const done = serve({ port: 0, metricsPort: 0, standalone: true, ...options }, io);
  const served = { out: () => out, err: () => err, stop: () => stop(), done };
  running.push(served);
  return served;
}

async function started(
  options: Partial<ServeOptions> = {},
): Promise<Served & { url: string; health: string; ca: string }> {
  const served = start(options);
  await Promise.race([vi.waitFor(() => expect(served.out()).toContain('health and metrics on'), 5000), served.done]);
  const [, url = '', health = ''] = /listening on (\S+)\nhealth and metrics on (\S+)/.exec(served.out()) ?? [];
  const [, authority] = /^certificate authority: (.*)$/m.exec(served.out()) ?? [];
  return { ...served, url, health, ca: authority === undefined ? '' : await readFile(authority, 'utf8') };
}

function ask(url: string, ca: string, body: string): Promise<{ status: number; json: { response: object } }> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', ca, headers: { 'content-type': 'application/json' }, agent: false } as const;
    const sent = request(`${url}/validate?timeout=5s`, options, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function reviewOf(spec: object, namespace = 'shop'): string {
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace },
    spec,
  };
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' },
      resource: { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' },
      operation: 'CREATE',
      name: 'p',
      namespace,
      userInfo: { username: 'dev' },
      object,
    },
  });
}

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
  const { out, url, ca, health } = await started();
  expect(out().split('\n')[0]).toMatch(/^listening on https:\/\/127\.0\.0\.1:\d+$/);
  expect(out()).toMatch(
    /\n {2}curl --cacert \S+ -H 'content-type: application\/json' \\\n {4}--data @examples\/requests\/open-dns\.json https/,
  );
  const answer = await ask(url, ca, await readFile('examples/requests/open-dns.json', 'utf8'));
  expect(answer).toMatchObject({ status: 200, json: { response: { allowed: false, status: { code: 403 } } } });
  expect((await fetch(`${health}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${health}/metrics`)).text()).toContain(
    'netpol_guard_admission_requests_total{operation="CREATE"',
  );
});

test('standalone: the folder is the cluster, what is broken in it is told, and requests never change it', async () => {
  await writeFile(join(folder, 'dns.yaml'), ALLOW_DNS);
  await writeFile(join(folder, 'broken.yaml'), 'a: [');
  const { url, ca, err } = await started({ manifests: folder });
  expect(err()).toContain('broken.yaml:1: ');
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
  expect(await ask(url, ca, reviewOf(DENY, 'other'))).toMatchObject({ json: { response: { allowed: false } } });
  expect(await ask(url, ca, reviewOf(DENY, 'other'))).toMatchObject({ json: { response: { allowed: false } } });
});

test('the logs hold one line a decision, without the object', async () => {
  const { url, ca, err } = await started();
  await ask(url, ca, reviewOf({ ...DENY, podSelector: { matchLabels: { app: 'very-secret' } } }));
  const lines = err()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([{ level: 'info', msg: 'decided', uid: 'u', user: 'dev', namespace: 'shop' }]);
  expect(err()).not.toContain('very-secret');
});

test('a stop leaves nothing behind: the ports are closed, the authority is gone', async () => {
  const { stop, done, out, url, ca, health } = await started();
  const [, authority = ''] = /^certificate authority: (.*)$/m.exec(out()) ?? [];
  stop();
  expect(await done).toBe(0);
  expect(existsSync(authority)).toBe(false);
  await expect(ask(url, ca, '{}')).rejects.toThrow('ECONNREFUSED');
  await expect(fetch(`${health}/livez`)).rejects.toThrow();
});

test('certificates come from files, and a new pair is taken up', async () => {
  const [first, second] = [issueLoopbackCertificate(Date.now()), issueLoopbackCertificate(Date.now())];
  const tls = { certFile: join(folder, 'tls.crt'), privateKeyFile: join(folder, 'tls.key') };
  await Promise.all([writeFile(tls.certFile, first.cert), writeFile(tls.privateKeyFile, first.key)]);
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const { url, err, health } = await started({ tls });
    expect((await ask(url, first.ca, reviewOf(DENY))).status).toBe(200);
    await writeFile(tls.certFile, second.cert);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(err()).toContain('the last good one stays in use'));
    expect((await ask(url, first.ca, reviewOf(DENY))).status).toBe(200);
    await writeFile(tls.privateKeyFile, second.key);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(err()).toContain('a new certificate is in use'));
    expect((await ask(url, second.ca, reviewOf(DENY))).status).toBe(200);
    const metrics = await (await fetch(`${health}/metrics`)).text();
    expect(metrics).toContain('netpol_guard_certificate_reload_failures_total 1');
  } finally {
    vi.useRealTimers();
  }
});

test('a configuration is read again when it changes, and a bad one is refused', async () => {
  const config = join(folder, 'config.yaml');
  const text = (more: string) => `apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n${more}\n`;
  await writeFile(config, text('enforce: off'));
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const { url, ca, err } = await started({ config });
    expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
    await writeFile(config, text('enforced: standard'));
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(err()).toContain('the last good one stays in force'));
    expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: true } } });
    await writeFile(config, text('enforce: standard'));
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(err()).toContain('a new configuration is in force'));
    expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({ json: { response: { allowed: false } } });
  } finally {
    vi.useRealTimers();
  }
});

test('a port that is taken is a clear error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start({ port }).done).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken; choose another with --port, or 0`,
  );
  await expect(start({ metricsPort: port }).done).rejects.toThrow('choose another with --metrics-port');
  other.close();
});

test.each([
  [{ manifests: 'nowhere' }, '--manifests: nowhere'],
  [{ config: 'nowhere.yaml' }, 'nowhere.yaml'],
  [{ bindAddress: '192.0.2.1' }, '--bind-address: 192.0.2.1 is no address of this machine'],
  [{ standalone: false }, 'serve needs --tls-cert-file and --tls-private-key-file'],
  [{ tls: { certFile: 'a.crt', privateKeyFile: 'a.key' } }, 'certificate a.crt with key a.key: ENOENT'],
])('what cannot start says why: %j', async (options, message) => {
  await expect(start(options).done).rejects.toThrow(message);
});
