import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inClusterContext } from '../../../../src/cluster/access/in-cluster.ts';
import {
  type ClusterSources,
  type CredentialSources,
  loadCredentials,
  namesCluster,
} from '../../../../src/cluster/access/load-credentials.ts';
import { Client } from '../../../../src/cluster/api/client.ts';
import { NAMESPACES } from '../../../../src/cluster/api/resource.ts';
import { issueAuthority, issueServing } from '../../../../src/tls/x509/issue.ts';
import { onEnd } from '../world.ts';

let folder = '';
let now = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netpol-guard-credentials-'));
  now = 0;
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function load(sources: Partial<CredentialSources>) {
  return loadCredentials({
    env: {},
    parseYaml: (text) => JSON.parse(text) as unknown,
    clock: { elapsed: () => now, now: Date.now },
    ...sources,
  });
}

function kubeconfig(user: object, cluster: object = { server: 'https://api.example:6443' }) {
  return {
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  };
}

async function headersFor(user: object): Promise<Readonly<Record<string, string>>> {
  return (await load({ kubeconfig: write('config', kubeconfig(user)) }).access()).headers;
}

describe('a kubeconfig', () => {
  test('tells the server, and a token', async () => {
    const credentials = load({ kubeconfig: write('config', kubeconfig({ token: 'secret' })) });
    expect(credentials.server.href).toBe('https://api.example:6443/');
    expect((await credentials.access()).headers).toEqual({ authorization: 'Bearer secret' });
  });

  test('a name and password, and whom to impersonate', async () => {
    expect(await headersFor({ username: 'joe', password: 'pass', as: 'jane' })).toEqual({
      authorization: `Basic ${btoa('joe:pass')}`,
      'impersonate-user': 'jane',
    });
  });

  test('a file of the token, beside the kubeconfig and read again after a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    write('secrets/token', 'first\n');
    const credentials = load({ kubeconfig: write('config', kubeconfig({ tokenFile: 'secrets/token' })) });
    expect((await credentials.access()).headers).toEqual({ authorization: 'Bearer first' });
    write('secrets/token', 'second\n');
    expect((await credentials.access()).headers).toEqual({ authorization: 'Bearer first' });
    now += 61_000;
    vi.setSystemTime(Date.now() + 61_000);
    expect((await credentials.access()).headers).toEqual({ authorization: 'Bearer second' });
  });

  test('a token of OpenID Connect, while it holds; else a login is asked for', async () => {
    const renewal = { 'client-id': 'c', 'refresh-token': 'r', 'idp-issuer-url': 'https://127.0.0.1:1' };
    const provider = (exp: number) => {
      const token = ['{}', JSON.stringify({ exp }), '']
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');
      return { token, user: { 'auth-provider': { name: 'oidc', config: { ...renewal, 'id-token': token } } } };
    };
    const { token, user } = provider(Date.now() / 1000 + 3600);
    expect(await headersFor(user)).toEqual({ authorization: `Bearer ${token}` });
    await expect(headersFor(provider(1).user)).rejects.toThrow(/^user "u" has no token: .*; log in again$/);
  });

  test('a plugin that gives a token, told what it needs', async () => {
    const script =
      'const {apiVersion, spec} = JSON.parse(process.env.KUBERNETES_EXEC_INFO);' +
      'console.log(JSON.stringify({status: {token: [apiVersion, spec.interactive, process.env.ROLE].join(" ")}}))';
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'ROLE', value: 'admin' }],
    };
    expect(await headersFor({ exec })).toEqual({
      authorization: 'Bearer client.authentication.k8s.io/v1 false admin',
    });
  });

  test('a plugin is asked again once its token has expired and was refused', async () => {
    const script =
      'console.log(JSON.stringify({status: {token: String(process.pid), expirationTimestamp: "2020-01-01T00:00:00Z"}}))';
    const exec = { command: process.execPath, args: ['-e', script] };
    const credentials = load({ kubeconfig: write('config', kubeconfig({ exec })) });
    const first = await credentials.access();
    expect(await credentials.access()).toBe(first);
    credentials.refused();
    expect((await credentials.access()).headers).not.toEqual(first.headers);
  });

  test('a plugin is not asked again while what it gave holds', async () => {
    const script =
      'console.log(JSON.stringify({status: {token: String(process.pid), expirationTimestamp: "2999-01-01T00:00:00Z"}}))';
    const exec = { command: process.execPath, args: ['-e', script] };
    const credentials = load({ kubeconfig: write('config', kubeconfig({ exec })) });
    const { headers } = await credentials.access();
    now += 61_000;
    expect((await credentials.access()).headers).toEqual(headers);
    credentials.refused();
    expect((await credentials.access()).headers).not.toEqual(headers);
  });

  test('a plugin beside the kubeconfig', async () => {
    chmodSync(write('bin/plugin', '#!/bin/sh\necho \'{"status": {"token": "near"}}\'\n'), 0o700);
    expect(await headersFor({ exec: { command: 'bin/plugin' } })).toEqual({ authorization: 'Bearer near' });
  });

  test('a plugin that fails is asked again by the next request', async () => {
    const exec = { command: process.execPath, args: ['-e', 'process.stderr.write("no login"); process.exit(1)'] };
    const credentials = load({ kubeconfig: write('config', kubeconfig({ exec })) });
    await expect(credentials.access()).rejects.toThrow('no login');
    await expect(credentials.access()).rejects.toThrow('no login');
  });

  test('the first file of KUBECONFIG wins, and --context chooses', async () => {
    const first = { ...kubeconfig({ token: 'first' }), users: [{ name: 'u', user: { token: 'first' } }] };
    const second = {
      'current-context': 'other',
      contexts: [{ name: 'other', context: { cluster: 'c', user: 'v' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://unused' } }],
      users: [
        { name: 'u', user: { token: 'unused' } },
        { name: 'v', user: { token: 'second' } },
      ],
    };
    const env = { KUBECONFIG: `${write('a', first)}:${write('b', second)}:` };
    expect((await load({ env }).access()).headers).toEqual({ authorization: 'Bearer first' });
    const other = load({ env, context: 'other' });
    expect(other.server.href).toBe('https://api.example:6443/');
    expect((await other.access()).headers).toEqual({ authorization: 'Bearer second' });
    expect((await load({ env, kubeconfig: write('c', kubeconfig({ token: 'flag' })) }).access()).headers).toEqual({
      authorization: 'Bearer flag',
    });
  });

  test('in the home folder counts for a person, once KUBECONFIG names none', async () => {
    write('.kube/config', kubeconfig({ token: 'home' }));
    const env = { HOME: folder };
    const own = load({ env, readsHome: true });
    expect(own.origin).toBe('context "main" of ~/.kube/config');
    expect((await own.access()).headers).toEqual({ authorization: 'Bearer home' });
    const KUBECONFIG = write('named', kubeconfig({ token: 'named' }));
    const named = load({ env: { ...env, KUBECONFIG }, readsHome: true });
    expect((await named.access()).headers).toEqual({ authorization: 'Bearer named' });
    const inPod = { ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    expect(load({ env: inPod, readsHome: true }).origin).toBe('context "main" of ~/.kube/config');
    expect(load({ env: { ...inPod, HOME: join(folder, 'nobody') }, readsHome: true }).origin).toBe(
      "this pod's ServiceAccount",
    );
  });

  test('in the home folder counts for no server', () => {
    write('.kube/config', kubeconfig({ token: 'home' }));
    expect(() => load({ env: { HOME: folder } })).toThrow(
      'no cluster to talk to; KUBECONFIG is not set, and this is not a pod of a cluster: name a file with --kubeconfig ' +
        '(a server does not read ~/.kube/config), or run it with --standalone',
    );
  });

  test('of which some of KUBECONFIG are missing is the rest, as for kubectl; of which all are missing is a mistake', () => {
    const there = write('there', kubeconfig({ token: 'x' }));
    const nowhere = join(folder, 'nowhere');
    expect(load({ env: { KUBECONFIG: `${nowhere}:${there}` } }).origin).toBe(`context "main" of ${there}`);
    write('.kube/config', kubeconfig({ token: 'home' }));
    expect(() => load({ env: { HOME: folder, KUBECONFIG: nowhere }, readsHome: true })).toThrow(
      `KUBECONFIG names no file that exists: ${nowhere}; correct it, or name a file with --kubeconfig`,
    );
  });

  test('whose context has no user has no credentials', async () => {
    const contexts = [{ name: 'main', context: { cluster: 'c' } }];
    const path = write('config', { ...kubeconfig({ token: 'x' }), contexts });
    expect((await load({ kubeconfig: path }).access()).headers).toEqual({});
  });

  test.each([
    ['a context that is not there', {}, 'nope', 'has no context "nope"; it has main'],
    [
      'no current context',
      { 'current-context': undefined },
      undefined,
      'has no current-context; name one with --context',
    ],
    ['a context that is nearly there', {}, 'mian', 'has no context "mian"; did you mean main?'],
    [
      'no contexts',
      { 'current-context': undefined, contexts: [] },
      undefined,
      'has no contexts; name another kubeconfig',
    ],
    [
      'a host for a server',
      { clusters: [{ name: 'c', cluster: { server: 'api:6443' } }] },
      undefined,
      'the server of cluster "c" is "api:6443"; write it as https://HOST:PORT',
    ],
    ['a user that is not there', { users: [] }, undefined, 'has no user "u"; it has none'],
    ['a cluster without a server', { clusters: [{ name: 'c', cluster: {} }] }, undefined, 'cluster.server is missing'],
    ['users that are no list', { users: 'all' }, undefined, 'users: "all" is a string where a list is expected'],
    [
      'SOCKS',
      { clusters: [{ name: 'c', cluster: { server: 'https://x', 'proxy-url': 'socks5://y' } }] },
      undefined,
      'context "main" of FOLDER/config: proxy-url is not an HTTP proxy; write it as http://HOST:PORT',
    ],
  ])('with %s is refused with the reason', (_, change, context, message) => {
    const path = write('config', { ...kubeconfig({}), ...change });
    const sources = context === undefined ? { kubeconfig: path } : { kubeconfig: path, context };
    expect(() => load(sources)).toThrow(message.replace('FOLDER', folder));
  });

  test('that is missing is named', () => {
    expect(() => load({ kubeconfig: join(folder, 'nowhere') })).toThrow(
      `kubeconfig ${folder}/nowhere: there is no such file`,
    );
  });

  test('with a provider that kubectl no longer has is refused', async () => {
    await expect(headersFor({ 'auth-provider': { name: 'gcp' } })).rejects.toThrow(
      'user "u": auth-provider "gcp" is not supported; use an exec plugin, as kubectl does',
    );
  });
});

describe('in a cluster', () => {
  test('the ServiceAccount and the address that every pod is given', async () => {
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(inClusterContext(env, '/secrets')).toMatchObject({
      cluster: { server: 'https://[fd00::1]:443', caFile: '/secrets/ca.crt', skipTLSVerify: false },
      user: { authProvider: { config: { tokenFile: '/secrets/token' } } },
    });
  });

  test('outside of one, the way out is named', () => {
    const env = { HOME: folder };
    const todo = 'this is not a pod of a cluster: name a file with --kubeconfig';
    expect(() => load({ env, readsHome: true })).toThrow(
      `no cluster to talk to; KUBECONFIG is not set, ~/.kube/config does not exist, and ${todo}`,
    );
    expect(() => load({ env, readsHome: true, context: 'main' })).toThrow('--context "main" needs a kubeconfig; ');
  });

  test.each<[Partial<ClusterSources>, boolean]>([
    [{}, false],
    [{ env: { HOME: '/nowhere' }, readsHome: true }, false],
    [{ kubeconfig: '/nowhere' }, true],
    [{ context: 'main' }, true],
    [{ env: { KUBECONFIG: '/nowhere' } }, true],
    [{ env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' } }, true],
  ])('of %j it is known whether a cluster is meant: %j', (sources, isNamed) => {
    expect(namesCluster({ env: {}, ...sources })).toBe(isNamed);
  });
});

describe('over TLS', async () => {
  const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
  const authority = await issueAuthority('test CA', validity);
  const serving = await issueServing(
    'api',
    { dnsNames: ['api.test'], addresses: [Uint8Array.of(127, 0, 0, 1)] },
    validity,
    authority,
  );
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  /** A server that answers with the common name of the client's certificate, and the number of the connection. */
  async function startTls(): Promise<URL> {
    let connections = 0;
    const numbers = new WeakMap<object, number>();
    const options = { cert: serving.cert, key: serving.key, requestCert: true, rejectUnauthorized: false };
    const server = https.createServer(options, ({ socket }, response) => {
      const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
      response.end(JSON.stringify({ name, connection: numbers.get(socket) }));
    });
    server.on('secureConnection', (socket) => numbers.set(socket, (connections += 1)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onEnd(() => {
      server.close();
      server.closeAllConnections();
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('not listening');
    return new URL(`https://127.0.0.1:${address.port}`);
  }

  function clientWith(config: object): Client {
    const credentials = load({ kubeconfig: write('config', config) });
    const client = new Client({ credentials, clock: { elapsed: () => now }, userAgent: 'test' });
    onEnd(() => client.close());
    return client;
  }

  const ask = (client: Client) => client.get(NAMESPACES, 'x', { signal: AbortSignal.timeout(5000) });

  test('the CA is checked, and the client shows its certificate', async () => {
    const server = (await startTls()).href;
    const joe = await issueServing('joe', { dnsNames: [], addresses: [] }, validity, authority);
    const user = { 'client-certificate-data': base64(joe.cert), 'client-key-data': base64(joe.key) };
    const trusting = { server, 'certificate-authority-data': base64(authority.cert) };
    const client = clientWith(kubeconfig(user, trusting));
    expect(await ask(client)).toEqual({ name: 'joe', connection: 1 });
    expect(await ask(client)).toEqual({ name: 'joe', connection: 1 });

    await expect(ask(clientWith(kubeconfig(user, { server })))).rejects.toThrow(/certificate/);
    const insecure = clientWith(kubeconfig(user, { server, 'insecure-skip-tls-verify': true }));
    expect(await ask(insecure)).toMatchObject({ name: 'joe' });
    const renamed = clientWith(kubeconfig(user, { ...trusting, 'tls-server-name': 'other.test' }));
    await expect(ask(renamed)).rejects.toThrow(/other\.test/);
  });

  test('a renewed certificate is shown on a new connection', async () => {
    const server = (await startTls()).href;
    const renew = async (name: string) => {
      const issued = await issueServing(name, { dnsNames: [], addresses: [] }, validity, authority);
      write('client.crt', issued.cert);
      write('client.key', issued.key);
    };
    await renew('before');
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const client = clientWith(kubeconfig(user, { server, 'certificate-authority-data': base64(authority.cert) }));
    expect(await ask(client)).toEqual({ name: 'before', connection: 1 });
    await renew('after');
    expect(await ask(client)).toEqual({ name: 'before', connection: 1 });
    now += 61_000;
    expect(await ask(client)).toEqual({ name: 'after', connection: 2 });
    now += 61_000;
    expect(await ask(client)).toEqual({ name: 'after', connection: 2 });
  });

  test('through an HTTP proxy', async () => {
    const server = await startTls();
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url = '' }, socket) => {
      tunnels.push(url);
      const through = connect(Number(server.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(through).pipe(socket);
      });
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onEnd(() => proxy.close());
    const address = proxy.address();
    if (typeof address !== 'object' || address === null) throw new Error('not listening');
    const cluster = {
      server: server.href,
      'certificate-authority-data': base64(authority.cert),
      'proxy-url': `http://127.0.0.1:${address.port}`,
    };
    const client = clientWith(kubeconfig({ token: 'x' }, cluster));
    expect(await ask(client)).toMatchObject({ connection: 1 });
    expect(await ask(client)).toMatchObject({ connection: 1 });
    expect(tunnels).toEqual([server.host]);
  });
});
