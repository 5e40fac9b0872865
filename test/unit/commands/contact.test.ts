import { mkdirSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProcessIo } from '../../../src/cli/io.ts';
import { baseline } from '../../../src/commands/baseline.ts';
import { cleanup } from '../../../src/commands/cleanup.ts';
import { scan } from '../../../src/commands/scan.ts';
import { issueLoopbackCertificate } from '../../../src/tls/x509/loopback.ts';
import { onEnd } from '../cluster/world.ts';
import { folderOfTest, processIo, start } from './served.ts';

/** A server on a free port of loopback; returns its host and port. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return `127.0.0.1:${address.port}`;
}

function status(code: number, reason: string, message: string): RequestListener {
  return (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message }));
  };
}

const answering = (listener: RequestListener) => listening(http.createServer(listener));
const UNAUTHORIZED = status(401, 'Unauthorized', 'Unauthorized');
const SAID = 'namespaces is forbidden: User "joe" cannot list resource "namespaces"';

async function overTls(): Promise<string> {
  return listening(https.createServer(await issueLoopbackCertificate(Date.now()), UNAUTHORIZED));
}

/** A cluster whose CA is known, with a certificate that was made `now`. */
async function trusted(now: number, more: object = {}): Promise<object> {
  const issued = await issueLoopbackCertificate(now);
  const server = `https://${await listening(https.createServer(issued, UNAUTHORIZED))}`;
  return { server, 'certificate-authority-data': btoa(issued.ca), ...more };
}

async function freePort(): Promise<string> {
  const server = net.createServer();
  const place = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return place;
}

function kubeconfig(cluster: object, user: object = { token: 'x' }, name = 'kubeconfig'): string {
  const path = join(folderOfTest(), name);
  const config = {
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  };
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function plugin(more: object): object {
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', ...more } };
}

/** What is asked, and what is said of it; SERVER and ORIGIN are its address and the context of the kubeconfig. */
type Case = readonly [name: string, cluster: () => Promise<object>, user: object | undefined, said: string];

const at = (scheme: string, place: () => Promise<string>, more: object = {}) => {
  return async () => ({ server: `${scheme}://${await place()}`, ...more });
};

const CASES: readonly Case[] = [
  [
    'credentials that are not accepted',
    at('http', () => answering(UNAUTHORIZED)),
    undefined,
    'SERVER does not accept the credentials of ORIGIN (401 Unauthorized); log in again, or use another context',
  ],
  [
    'a right that is missing',
    at('http', () => answering(status(403, 'Forbidden', SAID))),
    undefined,
    `SERVER refuses (403 Forbidden): ${SAID}; ask a cluster admin for that right, or use another context (these are the credentials of ORIGIN)`,
  ],
  [
    'an API server that is not ready',
    at('http', () => answering(status(503, 'ServiceUnavailable', 'not ready'))),
    undefined,
    'SERVER answers 503 ServiceUnavailable: not ready; try again in a moment',
  ],
  [
    'nobody who listens',
    at('https', freePort),
    undefined,
    'SERVER refuses the connection; check that the cluster runs, and the server of ORIGIN',
  ],
  [
    'a host that is not there',
    () => Promise.resolve({ server: 'https://api.nowhere.invalid' }),
    undefined,
    'there is no host api.nowhere.invalid; check the server of ORIGIN, and your DNS and VPN',
  ],
  [
    'a certificate of an unknown authority',
    at('https', overTls),
    undefined,
    'the certificate of SERVER is not trusted (self-signed certificate in certificate chain); check certificate-authority and server of ORIGIN',
  ],
  [
    'a certificate that has expired',
    () => trusted(Date.now() - 400 * 86_400_000),
    undefined,
    "the certificate of SERVER is not valid now (certificate has expired); renew it, or set this machine's clock right",
  ],
  [
    'a certificate of another host',
    () => trusted(Date.now(), { 'tls-server-name': 'other.test' }),
    undefined,
    "the certificate of SERVER is not trusted (Hostname/IP does not match certificate's altnames: Host: other.test. is not in the cert's altnames: DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1); check certificate-authority and server of ORIGIN",
  ],
  [
    'plain HTTP where TLS is spoken',
    at('http', overTls),
    undefined,
    'SERVER ends the connection without an answer; check the server of ORIGIN, including http or https',
  ],
  [
    'TLS where plain HTTP is spoken',
    at('https', () => answering(UNAUTHORIZED)),
    undefined,
    'SERVER does not answer as a Kubernetes API server does; check the server of ORIGIN, and the proxy to it',
  ],
  [
    'a page for people',
    at('http', () => answering((_, response) => void response.writeHead(404).end('<html>'))),
    undefined,
    'SERVER does not answer as a Kubernetes API server does; check the server of ORIGIN, and the proxy to it',
  ],
  [
    'a proxy that is not there',
    async () => ({ server: 'https://api.invalid', 'proxy-url': `http://me:secret@${await freePort()}` }),
    undefined,
    'the proxy PROXY refuses the connection; check that it runs, and the proxy-url of ORIGIN',
  ],
  [
    'a plugin that is not installed',
    at('https', overTls),
    plugin({ command: 'netpol-guard-no-such-plugin', installHint: 'get it from\nour wiki' }),
    'ORIGIN: the exec plugin "netpol-guard-no-such-plugin" of user "u" is not installed, or not on the PATH; get it from our wiki',
  ],
  [
    'a plugin that fails',
    at('https', overTls),
    plugin({ command: process.execPath, args: ['-e', 'console.error("session expired"); process.exit(3)'] }),
    `ORIGIN: the exec plugin "${process.execPath}" of user "u" failed: session expired; log in again, or run it by hand`,
  ],
  [
    'a plugin that prints something else',
    at('https', overTls),
    plugin({ command: process.execPath, args: ['-e', 'console.log("Welcome!")'] }),
    `ORIGIN: the exec plugin "${process.execPath}" of user "u" did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints`,
  ],
  [
    'a file of an authority that is not there',
    at('https', overTls, { 'certificate-authority': '/nowhere/ca.crt' }),
    undefined,
    'ORIGIN: certificate-authority /nowhere/ca.crt: there is no such file; correct the path in the kubeconfig, or log in again',
  ],
  [
    'an authority that is none',
    at('https', overTls, { 'certificate-authority-data': btoa('garbage') }),
    undefined,
    'ORIGIN: certificate-authority-data: contains no PEM; correct it in the kubeconfig',
  ],
];

function shown(url: string): string {
  return `${new URL(url).protocol}//${new URL(url).host}`;
}

const COMMANDS: Readonly<Record<string, (kubeconfig: string, io: ProcessIo) => Promise<number>>> = {
  scan: (kubeconfig, io) => scan({ kubeconfig, format: 'text' }, io),
  baseline: (kubeconfig, io) => baseline({ kubeconfig, kustomize: false }, io),
  cleanup: (kubeconfig, io) => cleanup({ kubeconfig, deleteBaseline: false }, io),
};

describe.each(Object.entries(COMMANDS))('%s says at once what is wrong', (_, run) => {
  test.each(CASES)('with %s', async (_name, clusterOf, user, said) => {
    const cluster: { server?: string; 'proxy-url'?: string } = await clusterOf();
    const path = kubeconfig(cluster, user);
    const message = said
      .replace('SERVER', cluster.server ?? '')
      .replace('PROXY', shown(cluster['proxy-url'] ?? 'http://none'))
      .replace('ORIGIN', `context "main" of ${path}`);
    let err = '';
    const error = await run(path, processIo({ err: (text) => (err += text) })).catch((thrown: unknown) => thrown);
    expect(err).toBe('');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message });
  });
});

describe('which cluster is meant', () => {
  test('a person need not say where there is a ~/.kube/config', async () => {
    const server = `http://${await answering(UNAUTHORIZED)}`;
    kubeconfig({ server }, {}, '.kube/config');
    let err = '';
    const io = processIo({ env: { HOME: folderOfTest() }, err: (text) => (err += text) });
    const said = `${server} does not accept the credentials of context "main" of ~/.kube/config (401 Unauthorized); log in again, or use another context`;
    await expect(scan({ format: 'text' }, io)).rejects.toThrow(said);
    await expect(cleanup({ deleteBaseline: false }, io)).rejects.toThrow(said);
    await expect(baseline({ kustomize: false }, io)).rejects.toThrow(
      `${said}; --offline writes the baseline without a cluster`,
    );
    // The message names the cluster, and nothing else need.
    expect(err).toBe('');
    expect(await baseline({ kustomize: false, offline: true }, io)).toBe(0);
  });

  test('the command line need not say which, and then the command does; a cluster with nothing to clean up says so', async () => {
    const nothing = '{"metadata": {"resourceVersion": "1"}, "items": []}';
    const server = `http://${await answering((_, response) => void response.end(nothing))}`;
    const path = kubeconfig({ server }, {}, '.kube/config');
    let printed = '';
    const print = (text: string | Uint8Array) => (printed += text.toString());
    const io = processIo({ env: { HOME: folderOfTest() }, out: print, err: print });
    const found = 'netpol-guard: found no policies that netpol-guard applied\n';
    expect(await cleanup({ kubeconfig: path, deleteBaseline: true }, io)).toBe(0);
    expect(printed).toBe(found);
    printed = '';
    expect(await cleanup({ deleteBaseline: true }, io)).toBe(0);
    expect(printed).toBe(`netpol-guard: using context "main" of ~/.kube/config\n${found}`);
  });

  test('serve reads no ~/.kube/config', async () => {
    kubeconfig({ server: 'https://api.invalid' }, {}, '.kube/config');
    await expect(start({ standalone: false }, { HOME: folderOfTest(), POD_NAMESPACE: 'guard' }).done).rejects.toThrow(
      'no cluster to talk to; KUBECONFIG is not set, and this is not a pod of a cluster',
    );
  });
});
