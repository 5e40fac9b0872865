import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { createAuthority } from '../../../harness/pki.ts';
import { listening } from '../callers.ts';
import { certificate, recorder } from '../setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'clients-'));
afterAll(() => rmSync(folder, { recursive: true }));
const authority = createAuthority(folder, 'clients');

interface Client {
  readonly cert: string;
  readonly key: string;
}

/** A server that demands a certificate of `authority` with one of the names, and its port. */
async function demanding(clientNames: readonly string[]) {
  const { events, observer } = recorder();
  const { cert, key } = certificate;
  const tls = { cert, key, ca: authority.pem };
  const { server, port } = await listening(undefined, { tls, clientNames, observer });
  return { app: server.app, events, port };
}

async function call(port: number, client: Partial<Client> = {}) {
  const agent = new Agent({ ca: certificate.ca, ...client });
  const asked = request({ agent, host: '127.0.0.1', port, path: '/validate', method: 'POST' }).end('x');
  const [response] = await once(asked, 'response');
  const { statusCode } = response;
  const { message }: { message: string } = JSON.parse(await text(response));
  agent.destroy();
  return { statusCode, message };
}

function clientOf(name: string, signer = authority, names = [`DNS:${name}.example`]): Client {
  const { certFile, keyFile } = signer.issue(name, { commonName: name, names });
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** What comes next is about the request itself. */
const LET_IN = { statusCode: 415, message: 'content type is missing, expected application/json' };

test('who shows a certificate of the CA is let in, with a name that is among those, common or alternative', async () => {
  const client = clientOf('api-server');
  expect(await call((await demanding([])).port, client)).toEqual(LET_IN);
  expect(await call((await demanding(['joe', 'api-server'])).port, client)).toEqual(LET_IN);
  expect(await call((await demanding(['api-server.example'])).port, client)).toEqual(LET_IN);
});

test('who shows none, one of somebody else, or one of another name is refused, and told why', async () => {
  const { port, events } = await demanding(['joe']);
  expect(await call(port)).toEqual({
    statusCode: 403,
    message: 'no client certificate was presented; tls.clientCAFile requires one from the API server',
  });
  const stranger = clientOf('joe', createAuthority(folder, 'somebody'));
  expect(await call(port, stranger)).toEqual({
    statusCode: 403,
    message: expect.stringMatching(
      /^the client certificate of joe, joe\.example is not signed by tls\.clientCAFile, or has expired: UNABLE/,
    ),
  });
  expect(await call(port, clientOf('jack'))).toEqual({
    statusCode: 403,
    message: 'the client certificate is that of jack, jack.example; tls.clientNames are joe',
  });
  expect(events).toEqual(['refused 403', 'refused 403', 'refused 403']);
});

test.each(['URI:joe', 'email:joe', 'URI:DNS:joe', 'otherName:1.2.3.4;UTF8:joe'])(
  '%s is no name of a client, and is shown as what it is',
  async (name) => {
    const { port } = await demanding(['joe']);
    const { statusCode, message } = await call(port, clientOf('workload', authority, [name]));
    expect(statusCode).toBe(403);
    expect(message).toMatch(/^the client certificate is that of workload, \w+:.*; tls\.clientNames are joe$/);
  },
);

test('other CAs of clients count from the next connection on', async () => {
  const { app, port } = await demanding([]);
  const next = createAuthority(folder, 'others');
  const client = clientOf('api-server', next);
  expect(await call(port, client)).toMatchObject({ statusCode: 403 });
  const { cert, key } = certificate;
  app.server.setSecureContext({ cert, key, ca: next.pem });
  expect(await call(port, client)).toEqual(LET_IN);
  expect(await call(port, clientOf('api-server'))).toMatchObject({ statusCode: 403 });
});

test('before there is a certificate to show, every handshake fails', async () => {
  const { server, port } = await listening(undefined, { tls: {}, routes: new Map() });
  await expect(call(port)).rejects.toThrow(/handshake failure/);
  server.app.server.setSecureContext({ cert: certificate.cert, key: certificate.key });
  expect((await call(port)).statusCode).toBe(404);
});
