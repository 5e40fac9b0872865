import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CertificateFiles, loadKeyPair, watchKeyPair } from '../../../src/tls/certificate-files.ts';
import { issueLoopbackCertificate } from '../../../src/tls/x509/loopback.ts';
import { hurriedClock } from '../../harness/clocks.ts';

const NOW = Date.UTC(2026, 10, 21);
let directory = '';
let files: CertificateFiles;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certificate-files-'));
  files = { certFile: join(directory, 'tls.crt'), privateKeyFile: join(directory, 'tls.key') };
});

afterEach(() => rm(directory, { recursive: true }));

async function write({ cert, key }: { cert?: string; key?: string }): Promise<void> {
  if (cert !== undefined) await writeFile(files.certFile, cert);
  if (key !== undefined) await writeFile(files.privateKeyFile, key);
}

test('a pair is read with the moment that it expires', async () => {
  const pair = await issueLoopbackCertificate(NOW);
  await write(pair);
  expect(await loadKeyPair(files)).toEqual({ cert: pair.cert, key: pair.key, expires: Date.UTC(2027, 10, 21) });
});

test.each([
  ['a missing file', {}, /ENOENT/],
  [
    'no certificate',
    { cert: 'x', key: (await issueLoopbackCertificate(NOW)).key },
    /the certificate cannot be read; PEM is expected/,
  ],
  [
    'no key',
    { cert: (await issueLoopbackCertificate(NOW)).cert, key: '' },
    /the private key cannot be read; PEM is expected/,
  ],
  [
    'a key of another certificate',
    { cert: (await issueLoopbackCertificate(NOW)).cert, key: (await issueLoopbackCertificate(NOW)).key },
    /the private key is not that of the certificate for CN=localhost/,
  ],
])('%s is a clear error that names the files', async (_name, content, problem) => {
  await write(content);
  await expect(loadKeyPair(files)).rejects.toThrow(problem);
  await expect(loadKeyPair(files)).rejects.toThrow(`certificate ${files.certFile} with key ${files.privateKeyFile}: `);
});

test('a new pair is told once; a broken or mismatched one leaves the last in force', async () => {
  const [first, second] = [await issueLoopbackCertificate(NOW), await issueLoopbackCertificate(NOW)];
  await write(first);
  const observer = { changed: vi.fn(), failed: vi.fn() };
  const stop = watchKeyPair(files, await loadKeyPair(files), observer, hurriedClock(1000));
  try {
    await write({ cert: second.cert });
    await vi.waitFor(() => expect(observer.failed).toHaveBeenCalled());
    expect(observer.changed).not.toHaveBeenCalled();
    await write({ key: second.key });
    await vi.waitFor(() => expect(observer.changed).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(observer.changed.mock.calls).toMatchObject([[{ cert: second.cert, key: second.key }]]);
  } finally {
    stop();
  }
});
