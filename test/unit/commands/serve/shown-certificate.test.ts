import { expect, it } from 'vitest';
import { ShownCertificate } from '../../../../src/commands/serve/shown-certificate.ts';
import type { KeyPair } from '../../../../src/tls/x509/key-pair.ts';
import { TestLogger } from '../../cluster/world.ts';

const pairOf = (cert: string) => ({ cert, key: `key of ${cert}`, expires: 1000 }) as KeyPair;

function shown() {
  const log = new TestLogger();
  const told: string[] = [];
  const metrics = { expires: (which: string) => told.push(which), failed: () => told.push('failed') };
  const given: object[] = [];
  const server = { setSecureContext: (context: object) => given.push(context) };
  return { certificate: new ShownCertificate(metrics, log), log, told, given, server };
}

it('a server begins with what there is, and is given what is new', () => {
  const { certificate, given, server } = shown();
  certificate.changed(pairOf('first'));
  expect(certificate.context()).toMatchObject({ cert: 'first' });
  certificate.showOn(server);
  expect(given).toEqual([]);
  certificate.changed(pairOf('second'));
  expect(given).toEqual([{ cert: 'second', key: 'key of second' }]);
});

it('what came between the beginning of a server and its running is given too', () => {
  const { certificate, given, server } = shown();
  expect(certificate.context()).toEqual({});
  certificate.changed(pairOf('first'));
  certificate.showOn(server);
  expect(given).toEqual([{ cert: 'first', key: 'key of first' }]);
});

it('other CAs of clients come with the certificate, and a certificate with them', () => {
  const { certificate, given, server } = shown();
  certificate.trust('old');
  certificate.changed(pairOf('first'));
  expect(certificate.context()).toEqual({ cert: 'first', key: 'key of first', ca: 'old' });
  certificate.showOn(server);
  certificate.trust('new');
  certificate.changed(pairOf('second'));
  expect(given).toEqual([
    { cert: 'first', key: 'key of first', ca: 'new' },
    { cert: 'second', key: 'key of second', ca: 'new' },
  ]);
});

it('metrics hear of each, and of what cannot be read, when the last good one stays', () => {
  const { certificate, log, told, given, server } = shown();
  certificate.showOn(server);
  certificate.changed(pairOf('first'));
  certificate.failed(new Error('no such file'));
  expect(told).toEqual(['serving', 'failed']);
  expect(given).toHaveLength(1);
  expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { problem: 'no such file' } });
});

it('nothing is given once nobody shows it', () => {
  const { certificate, given, server } = shown();
  certificate.showOn(server)();
  certificate.changed(pairOf('first'));
  expect(given).toEqual([]);
});
