import { expect, test } from 'vitest';
import { issueLoopbackCertificate } from '../../../../src/tls/x509/loopback.ts';
import { API_SERVER, ask, callTls, listening } from '../callers.ts';
import { review } from '../setup.ts';

const ONE_POINT_TWO = { maxVersion: 'TLSv1.2' };

const REFUSED = [
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }],
  ['CBC with SHA-1', { ...ONE_POINT_TWO, ciphers: 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA' }],
  ['CBC with SHA-2', { ...ONE_POINT_TWO, ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384' }],
  ['CCM with a short tag', { ...ONE_POINT_TWO, ciphers: 'ECDHE-ECDSA-AES128-CCM8' }],
  ['a key that is not of this handshake alone', { ...ONE_POINT_TWO, ciphers: 'AES128-GCM-SHA256:AES256-SHA' }],
] as const;

const TAKEN = [
  ['TLS 1.3', { minVersion: 'TLSv1.3' }],
  ['GCM', { ...ONE_POINT_TWO, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
  ['ChaCha20', { ...ONE_POINT_TWO, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }],
] as const;

test.each(REFUSED)('%s is refused, before and after the certificate has been renewed', async (_, options) => {
  const { server, port } = await listening();
  await expect(callTls(port, API_SERVER, options)).rejects.toThrow();
  const next = await issueLoopbackCertificate(Date.now());
  server.setSecureContext(next);
  await expect(callTls(port, API_SERVER, { ...options, ca: next.ca })).rejects.toThrow();
  await callTls(port, API_SERVER, { ca: next.ca });
});

test.each(TAKEN)('%s is taken', async (_, options) => {
  const { port } = await listening();
  const { socket } = await callTls(port, API_SERVER, options);
  expect(socket.closed).toBe(false);
});

test('a client that renegotiates is refused, and others are served', async () => {
  const { port } = await listening();
  const { socket } = await callTls(port, API_SERVER, ONE_POINT_TWO);
  if (!('renegotiate' in socket) || typeof socket.renegotiate !== 'function') throw new Error('no TLS');
  const { renegotiate } = socket;
  const outcome = await new Promise<unknown>((resolve) => {
    socket.once('error', resolve);
    socket.once('close', () => resolve(new Error('closed')));
    renegotiate.call(socket, {}, (error: unknown) => resolve(error));
  });
  expect(outcome).toBeInstanceOf(Error);
  expect((await ask(port, JSON.stringify(review()))).status).toBe(200);
});
