import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'certs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('npm run certs', () => {
  cpSync(join(ROOT, 'certs', 'make.ts'), join(folder, 'certs', 'make.ts'));
  cpSync(join(ROOT, 'src', 'tls'), join(folder, 'src', 'tls'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const output = execFileSync(process.execPath, ['certs/make.ts', 'guard.example', '192.0.2.7'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const read = (name: string) => readFileSync(join(folder, 'certs', name), 'utf8');

  it('says what it wrote', () => {
    expect(output).toBe('wrote certs/ca.pem\nwrote certs/tls.pem\nwrote certs/tls.key\n');
  });

  it('makes a certificate for this machine and the hosts given that its CA vouches for', () => {
    const leaf = new X509Certificate(read('tls.pem'));
    expect(leaf.verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkIP('::1')).toBe('::1');
    expect(leaf.checkHost('guard.example')).toBe('guard.example');
    expect(leaf.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(leaf.checkHost('other.example')).toBeUndefined();
  });

  it('makes a key that belongs to it and that nobody else can read', () => {
    expect(() => createSecureContext({ cert: read('tls.pem'), key: read('tls.key') })).not.toThrow();
    expect(statSync(join(folder, 'certs', 'tls.key')).mode & 0o077).toBe(0);
  });
});

describe('git', () => {
  it('ignores what is made', () => {
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['*.key', '*.pem']));
  });
});
