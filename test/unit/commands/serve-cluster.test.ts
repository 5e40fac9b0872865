import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { baseline } from '../../../src/commands/baseline.ts';
import { scan } from '../../../src/commands/scan.ts';
import { issueLoopbackCertificate } from '../../../src/tls/x509/loopback.ts';
import { settled, VirtualClock, VirtualTime } from '../../harness/virtual-time.ts';
import { type FakeApiServer, sendJson, sendStatus } from '../cluster/fake-api-server.ts';
import { startServer } from '../cluster/world.ts';
import { ALLOW_DNS_SPEC } from '../policy/fixtures.ts';
import { ask, folderOfTest, kubeconfigFor, processIo, reviewOf, start, started } from './served.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const NAMESPACES = '/api/v1/namespaces';
const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

const DENY = { podSelector: {}, policyTypes: ['Egress'] };

/** An API server with cluster DNS, and a namespace `shop` without policies. */
async function apiServer(configure: (server: FakeApiServer) => void = () => {}): Promise<FakeApiServer> {
  return startServer((server) => {
    for (const name of ['kube-system', 'shop']) {
      server.put(NAMESPACES, { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } });
    }
    const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, protocol }));
    server.put('/api/v1/services', {
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' }, ports },
    });
    server.put('/api/v1/pods', {
      metadata: { name: 'coredns-0', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    });
    configure(server);
  });
}

async function certificateFiles() {
  const { ca, cert, key } = await issueLoopbackCertificate(Date.now());
  const tls = { certFile: join(folderOfTest(), 'tls.crt'), privateKeyFile: join(folderOfTest(), 'tls.key') };
  await Promise.all([writeFile(tls.certFile, cert), writeFile(tls.privateKeyFile, key)]);
  return { ca, tls };
}

async function certificateFlags(): Promise<readonly string[]> {
  const { certFile, privateKeyFile } = (await certificateFiles()).tls;
  return [`--tls-cert-file=${certFile}`, `--tls-private-key-file=${privateKeyFile}`];
}

async function startedOn(server: FakeApiServer, env: Readonly<Record<string, string>> = {}) {
  const { ca, tls } = await certificateFiles();
  const kubeconfig = await kubeconfigFor(server);
  const served = await started({ standalone: false, kubeconfig, tls, bindAddress: '127.0.0.1' }, env);
  return { ...served, ca };
}

async function readyOn(server: FakeApiServer, env: Readonly<Record<string, string>> = {}) {
  const served = await startedOn(server, env);
  await vi.waitFor(async () => expect((await fetch(`${served.health}/readyz`)).status).toBe(200), 5000);
  return served;
}

test('who cannot start waits for nothing any more, so that the process ends', async () => {
  const server = await apiServer((fake) => {
    fake.faults = [(_request, response) => (sendStatus(response, 500, 'InternalError', 'etcd is away'), true)];
  });
  const { tls } = await certificateFiles();
  const clock = new VirtualClock(new VirtualTime(), { epoch: Date.now() });
  const options = { standalone: false, kubeconfig: await kubeconfigFor(server), tls, bindAddress: '127.0.0.1' };
  const taken = { port: Number(server.url.port) };
  await expect(start({ ...options, ...taken }, {}, clock).done).rejects.toThrow('--port');
  await settled();
  expect(clock.sleeping).toBe(0);
});

async function metric(metrics: string, name: string): Promise<number> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `) || candidate.startsWith(`${name}{`));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ')));
}

test('before the caches have synced it is alive, not ready, and turns reviews away', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await apiServer();
  server.faults.push(async (_request, _response, url) => {
    if (url.pathname === POLICIES) await held;
    return false;
  });
  const { url, health, ca, err } = await startedOn(server);
  const early = await fetch(`${health}/readyz`);
  expect([early.status, await early.text()]).toEqual([
    503,
    expect.stringContaining('not ready: cache networkpolicies\n'),
  ]);
  expect((await fetch(`${health}/livez`)).status).toBe(200);
  expect((await ask(url, ca, reviewOf(DENY))).status).toBe(503);
  release();
  await vi.waitFor(async () => expect((await fetch(`${health}/readyz`)).status).toBe(200), 5000);
  await vi.waitFor(() => expect(err()).toContain('cluster DNS: kube-system/kube-dns'));
  expect((await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).status).toBe(200);
});

test('the start-up log warns where nothing is behind the DNS Service', async () => {
  const server = await apiServer((fake) => fake.remove('/api/v1/pods', 'kube-system', 'coredns-0'));
  const { err } = await startedOn(server);
  await vi.waitFor(() => expect(err()).toContain('no cluster DNS was found in kube-system'), 5000);
  expect(err()).toMatch(/"level":"warn",.*the Service kube-system\/kube-dns has neither pods nor endpoints/);
  expect(err()).toMatch(/"level":"warn",.*until then no namespace is locked down/);
});

test('where a port is taken the process says so and ends, though it follows a cluster', async () => {
  const server = await apiServer();
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const kubeconfig = await kubeconfigFor(server);
  const args = ['serve', `--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1', `--metrics-port=${port}`];
  const child = spawn(process.execPath, [MAIN, ...args, ...(await certificateFlags()), '--port=0', '--health-port=0']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = text(child.stderr);
  await vi.waitFor(() => expect(child.exitCode).toBe(2), 20_000);
  expect(await said).toContain(`port ${port} on 127.0.0.1 is taken; choose another with --metrics-port`);
});

test('an allowing verdict asks the API server nothing; a denial is confirmed by one live read', async () => {
  const server = await apiServer();
  const { url, metrics, ca } = await readyOn(server);
  const before = server.requests.length;
  for (let i = 0; i < 20; i += 1) {
    expect(await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).toMatchObject({ json: { response: { allowed: true } } });
  }
  expect(server.requests.slice(before)).toEqual([]);
  const open = { ...ALLOW_DNS_SPEC, egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] };
  expect(await ask(url, ca, reviewOf(open))).toMatchObject({ json: { response: { allowed: false } } });
  const asked = server.requests.slice(before).filter((request) => /shop/.test(request));
  expect(asked).toHaveLength(2);
  expect(await metric(metrics, 'netpol_guard_live_reads_total{outcome="confirmed"}')).toBe(1);
  expect(await metric(metrics, 'netpol_guard_cache_age_seconds')).toBeGreaterThanOrEqual(0);
  expect(await metric(metrics, 'netpol_guard_rest_client_requests_total')).toBeGreaterThan(0);
});

test('fifty refusals at once cost two live reads: one is under way, and the next is for all others', async () => {
  const server = await apiServer();
  const { url, metrics, ca } = await readyOn(server);
  let release = () => {};
  const held = new Promise<boolean>((resolve) => {
    release = () => resolve(false);
  });
  const reads = () => server.requests.filter((request) => request.includes('/namespaces/shop/networkpolicies'));
  server.faults.push((_request, _response, { pathname }) => (pathname.includes('/namespaces/shop') ? held : false));
  const open = { ...ALLOW_DNS_SPEC, egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] };
  const answers = Array.from({ length: 50 }, () => ask(url, ca, reviewOf(open)));
  await vi.waitFor(async () => expect(await metric(metrics, 'netpol_guard_in_flight')).toBe(50), 5000);
  // Whoever comes after them is answered after they were judged.
  expect(await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).toMatchObject({ json: { response: { allowed: true } } });
  expect(reads()).toHaveLength(1);
  release();
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatchObject({ json: { response: { allowed: false, status: { code: 403 } } } });
  }
  expect(reads()).toHaveLength(2);
  expect(await metric(metrics, 'netpol_guard_live_reads_total{outcome="confirmed"}')).toBe(50);
});

test('a carve-out that comes a moment after default-deny is waited for', async () => {
  const server = await apiServer();
  const { url, metrics, ca } = await readyOn(server);
  const answer = ask(url, ca, reviewOf(DENY));
  setTimeout(
    () => server.put(POLICIES, { metadata: { name: 'allow-dns', namespace: 'shop' }, spec: ALLOW_DNS_SPEC }),
    200,
  );
  expect(await answer).toMatchObject({ json: { response: { allowed: true } } });
  expect(await metric(metrics, 'netpol_guard_grace_waits_total{outcome="arrived"}')).toBe(1);
});

test('where the API server cannot be asked, what would be refused is put off, and what is allowed is not', async () => {
  const server = await apiServer();
  const { url, metrics, ca } = await readyOn(server);
  await server.stop();
  expect(await ask(url, ca, reviewOf(DENY))).toMatchObject({
    json: {
      response: {
        allowed: false,
        status: {
          code: 429,
          message: expect.stringMatching(/\nNetworkPolicy shop\/p cuts every pod off from DNS \[dns-blocked\]\n/),
          details: { retryAfterSeconds: 1, causes: [{ reason: 'dns-blocked', field: 'spec.egress' }] },
        },
      },
    },
  });
  expect(await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).toMatchObject({ json: { response: { allowed: true } } });
  expect(await metric(metrics, 'netpol_guard_live_reads_total{outcome="failed"}')).toBe(1);
  expect(await metric(metrics, 'netpol_guard_unconfirmed_total{reason="late"}')).toBe(1);
});

test('told to leave, it is not ready and goes on answering; told twice, it ends at once', async () => {
  const server = await apiServer();
  const { url, health, ca, stop, done } = await readyOn(server);
  stop();
  const leaving = await fetch(`${health}/readyz`);
  expect([leaving.status, await leaving.text()]).toEqual([503, 'not ready: shutting down\n']);
  expect(await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).toMatchObject({ status: 200 });
  stop();
  expect(await done).toBe(0);
  await expect(ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).rejects.toThrow('ECONNREFUSED');
});

test('scan judges what stands, and its status says whether something would be refused', async () => {
  const server = await apiServer((fake) => {
    fake.put(POLICIES, { metadata: { name: 'deny', namespace: 'shop' }, spec: DENY });
  });
  const kubeconfig = await kubeconfigFor(server);
  let out = '';
  let err = '';
  const io = processIo({ out: (text) => (out += text), err: (text) => (err += text) });
  expect(await scan({ kubeconfig, format: 'json' }, io)).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    findings: [{ rule: 'dns-blocked', severity: 'error', namespace: 'shop', name: 'deny' }],
  });
  expect(err).toBe(
    'netpol-guard: cluster DNS: kube-system/kube-dns (pods k8s-app=kube-dns, UDP 53 and TCP 53 at 10.96.0.10)\n' +
      'netpol-guard: the baseline default-deny lets pods reach kube-system/kube-dns\n',
  );
  server.put(POLICIES, { metadata: { name: 'allow-dns', namespace: 'shop' }, spec: ALLOW_DNS_SPEC });
  out = '';
  expect(await scan({ kubeconfig, format: 'text', namespaces: ['shop'] }, io)).toBe(0);
});

test('scan says that a namespace is not there', async () => {
  const kubeconfig = await kubeconfigFor(await apiServer());
  await expect(scan({ kubeconfig, format: 'text', namespaces: ['shpo'] }, processIo({}))).rejects.toThrow(
    'there is no namespace "shpo"; did you mean shop?',
  );
});

test('scan and baseline know no resolver where nothing is behind the DNS Service', async () => {
  const server = await apiServer((fake) => fake.remove('/api/v1/pods', 'kube-system', 'coredns-0'));
  const kubeconfig = await kubeconfigFor(server);
  let err = '';
  const io = processIo({ err: (text) => (err += text) });
  expect(await scan({ kubeconfig, format: 'text' }, io)).toBe(0);
  expect(err).toContain('the Service kube-system/kube-dns has neither pods nor endpoints, so it is not a resolver\n');
  expect(err).toContain('no cluster DNS was found in kube-system');
  await expect(baseline({ kubeconfig, kustomize: false }, io)).rejects.toThrow('allow-dns');
});

test('scan says that a cluster is unknown', async () => {
  const kubeconfig = join(folderOfTest(), 'nowhere');
  await expect(scan({ kubeconfig, format: 'text' }, processIo({}))).rejects.toThrow(`${kubeconfig}: `);
});

test('baseline is written for the DNS servers that discovery finds, and the template of the namespace', async () => {
  const server = await apiServer((fake) => {
    fake.put(NAMESPACES, { metadata: { name: 'shop', labels: { 'netpol-guard.io/baseline': 'default-deny-egress' } } });
  });
  let out = '';
  const io = processIo({ out: (text) => (out += text) });
  const options = { kubeconfig: await kubeconfigFor(server), namespace: 'shop', kustomize: false };
  expect(await baseline(options, io)).toBe(0);
  expect(out).toContain('# The baseline default-deny-egress, ');
  expect(out).toContain('              k8s-app: kube-dns\n');
});

test('baseline names a cache that runs in pods of its own, beside kube-dns', async () => {
  const server = await apiServer((fake) => {
    fake.put('/api/v1/pods', {
      metadata: { name: 'cache-1', namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
      spec: { hostNetwork: false, containers: [{ name: 'cache', args: ['-localip', '10.96.0.10'] }] },
      status: { podIP: '10.244.0.9' },
    });
  });
  let out = '';
  const io = processIo({ out: (text) => (out += text) });
  expect(await baseline({ kubeconfig: await kubeconfigFor(server), kustomize: false }, io)).toBe(0);
  expect(out).toContain('              k8s-app: kube-dns\n');
  expect(out).toContain('              k8s-app: node-local-dns\n');
  expect(out).not.toContain('ipBlock');
});

describe('what was remembered of cluster DNS', () => {
  const CONFIG_MAPS = '/api/v1/configmaps';
  const OWN = { POD_NAMESPACE: 'security', RELEASE_NAME: 'guard' };
  const remembered = {
    'kube-system/kube-dns': {
      selector: { 'k8s-app': 'kube-dns' },
      byAddress: false,
      ports: { udp: [5353], tcp: [5353], udpNames: [], tcpNames: [] },
      addresses: [],
      podLabels: [],
    },
  };
  const withRecord = (server: FakeApiServer, data: object) =>
    server.put(CONFIG_MAPS, { metadata: { name: 'guard', namespace: 'security' }, data });

  test('is read before it is ready: a start while no DNS pod is there forgets nothing', async () => {
    const server = await apiServer((fake) => {
      fake.remove('/api/v1/pods', 'kube-system', 'coredns-0');
      withRecord(fake, { resolvers: JSON.stringify(remembered) });
    });
    let isDown = true;
    server.faults.push((request, response) => {
      if (!isDown || request.url?.includes('/configmaps/') !== true) return false;
      sendStatus(response, 500, 'InternalError', 'etcd is away');
      return true;
    });
    const { health, err } = await startedOn(server, OWN);
    await vi.waitFor(async () => {
      expect(await (await fetch(`${health}/readyz`)).text()).toBe(
        'not ready: cache resolvers\nnot ready: indexes of large namespaces\n',
      );
    }, 5000);
    isDown = false;
    await vi.waitFor(() => expect(err()).toContain('cluster DNS: kube-system/kube-dns'), 5000);
    await vi.waitFor(async () => expect((await fetch(`${health}/readyz`)).status).toBe(200), 5000);
  });

  test('is nothing to wait for where there is no such place', async () => {
    const { err } = await readyOn(await apiServer(), OWN);
    await vi.waitFor(() => expect(err()).toContain('cannot read the stored record of cluster DNS'));
  });
});

describe('whoever holds the Lease', () => {
  const LEASES = '/apis/coordination.k8s.io/v1/leases';

  /** An API server that also takes updates of the Lease, and tells who holds it. */
  async function withLease() {
    let holder = '';
    const server = await apiServer((fake) => {
      fake.put(LEASES, { metadata: { name: 'guard', namespace: 'security' } });
      fake.faults.push(async (request, response, url) => {
        if (request.method !== 'PUT') return false;
        expect(url.pathname).toBe('/apis/coordination.k8s.io/v1/namespaces/security/leases/guard');
        const lease = JSON.parse(await text(request));
        holder = lease.spec.holderIdentity;
        fake.put(LEASES, lease);
        sendJson(response, 200, lease);
        return true;
      });
    });
    return { server, holder: () => holder };
  }

  const OWN = { POD_NAMESPACE: 'security', POD_NAME: 'guard-0', RELEASE_NAME: 'guard' };

  test('leads, says so, and gives it up the moment that it is told to leave, while it still serves', async () => {
    const { server, holder } = await withLease();
    const { url, metrics, ca, stop } = await readyOn(server, OWN);
    await vi.waitFor(() => expect(holder()).toMatch(/^guard-0_/), 5000);
    expect(await metric(metrics, 'netpol_guard_leader_election_master_status')).toBe(1);
    stop();
    await vi.waitFor(() => expect(holder()).toBe(''), 5000);
    expect(await metric(metrics, 'netpol_guard_leader_election_master_status')).toBe(0);
    expect(await ask(url, ca, reviewOf(ALLOW_DNS_SPEC))).toMatchObject({ status: 200 });
  });

  test('is nobody where the namespace that this runs in is not known, which is said', async () => {
    const { server, holder } = await withLease();
    const { err } = await readyOn(server, { ...OWN, POD_NAMESPACE: '' });
    await vi.waitFor(() => expect(err()).toContain('POD_NAMESPACE is not set'));
    expect([holder(), server.requests.filter((request) => request.includes('leases'))]).toEqual(['', []]);
  });
});
