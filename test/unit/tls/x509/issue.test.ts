import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { issueAuthority, issueServing } from '../../../../src/tls/x509/issue.ts';
import { issueLoopbackCertificate } from '../../../../src/tls/x509/loopback.ts';

const NOW = Date.UTC(2026, 10, 21, 8, 30, 15, 500);
const HOUR = 3_600_000;

test('the loopback certificate is for this machine, from an hour ago, signed by the CA beside it', async () => {
  const { ca, cert, key } = await issueLoopbackCertificate(NOW);
  const [authority, leaf] = [new X509Certificate(ca), new X509Certificate(cert)];
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, leaf.ca]).toEqual([true, false]);
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(leaf.validFromDate.getTime()).toBe(Date.UTC(2026, 10, 21, 7, 30, 15));
  expect(leaf.validToDate.getTime()).toBe(Date.UTC(2027, 10, 21, 8, 30, 15));
  expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkHost('example.org')).toBeUndefined();
});

test('two certificates share nothing', async () => {
  const [a, b] = [await issueLoopbackCertificate(NOW), await issueLoopbackCertificate(NOW)];
  expect(new X509Certificate(a.cert).serialNumber).not.toBe(new X509Certificate(b.cert).serialNumber);
  expect(a.key).not.toBe(b.key);
  expect(new X509Certificate(a.cert).verify(new X509Certificate(b.ca).publicKey)).toBe(false);
});

test('serial numbers are positive, whatever their first bit', async () => {
  for (let i = 0; i < 40; i += 1) {
    const { cert } = await issueAuthority('a', { notBefore: NOW, notAfter: NOW + HOUR });
    expect(new X509Certificate(cert).serialNumber).toMatch(/^[0-9A-F]+$/);
  }
});

test('moments from 2050 on are spelled in full', async () => {
  const validity = { notBefore: Date.UTC(2049, 11, 31, 23, 59, 59), notAfter: Date.UTC(2050, 0, 1) };
  const certificate = new X509Certificate((await issueAuthority('a', validity)).cert);
  expect(certificate.validFromDate.getTime()).toBe(validity.notBefore);
  expect(certificate.validToDate.getTime()).toBe(validity.notAfter);
});

test.each([2, 20])('a certificate for %d long names is well formed', async (count) => {
  const authority = await issueAuthority('a', { notBefore: NOW, notAfter: NOW + HOUR });
  const dnsNames = Array.from({ length: count }, (_, i) => `${'x'.repeat(50)}${i}.netpol-guard.svc`);
  const { cert } = await issueServing(
    'a',
    { dnsNames, addresses: [] },
    { notBefore: NOW, notAfter: NOW + HOUR },
    authority,
  );
  expect(new X509Certificate(cert).subjectAltName?.split(', ')).toEqual(dnsNames.map((name) => `DNS:${name}`));
});

test('a TLS client that trusts the CA, and nothing else, takes it', async () => {
  const { ca, cert, key } = await issueLoopbackCertificate(Date.now());
  const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  const peer: PeerCertificate = socket.getPeerCertificate();
  expect(peer.subject.CN).toBe('localhost');
  socket.destroy();
  const stranger = connect({ host: '127.0.0.1', port });
  const [error] = await once(stranger, 'error');
  expect(String(error)).toMatch(/unable to verify|self-signed/);
  server.close();
});
