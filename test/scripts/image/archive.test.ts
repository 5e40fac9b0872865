import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Image, writeImageArchive } from '../../../scripts/image/archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = join(folder, 'program');
writeFileSync(program, '#!/bin/sh\n');

const IMAGE: Image = {
  reference: 'registry.example:5000/shop/till:1.0',
  files: [
    { path: '/usr/bin/till', source: program, mode: 0o755 },
    { path: '/etc/passwd', content: 'till:x:65532:65532::/:\n' },
    { path: '/bin', link: 'usr/bin' },
  ],
  entrypoint: ['/usr/bin/till'],
  cmd: ['open'],
  user: '65532:65532',
  env: { CURRENCY: 'EUR' },
  workingDir: '/till',
  exposedPorts: ['8443/tcp'],
  labels: { 'org.opencontainers.image.title': 'till' },
};

/** tar, which is not what wrote the archive. */
const tar = (...args: readonly string[]) => execFileSync('tar', args, { cwd: folder, encoding: 'utf8' });

const sha256 = (file: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');

const write = async (image: Partial<Image>, name: string, created?: number) =>
  await writeImageArchive({ ...IMAGE, ...image }, join(folder, name), created);

describe('an image archive', () => {
  it('has a manifest that names the configuration and the layer by their digests', async () => {
    const { id, layerBytes } = await write({}, 'till.tar');
    tar('-xf', 'till.tar');
    const [manifest, ...others] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(others).toEqual([]);
    expect(manifest.RepoTags).toEqual(['registry.example:5000/shop/till:1.0']);
    expect(manifest.Config).toBe(`${sha256(manifest.Config)}.json`);
    expect(id).toBe(`sha256:${sha256(manifest.Config)}`);
    expect(manifest.Layers).toEqual([`${sha256(manifest.Layers[0])}.tar`]);
    expect(readFileSync(join(folder, manifest.Layers[0])).byteLength).toBe(layerBytes);
    expect(JSON.parse(readFileSync(join(folder, manifest.Config), 'utf8'))).toMatchObject({
      os: 'linux',
      architecture: execFileSync('uname', ['-m'], { encoding: 'utf8' }).startsWith('x86_64') ? 'amd64' : 'arm64',
      created: '1970-01-01T00:00:00.000Z',
      config: {
        Entrypoint: ['/usr/bin/till'],
        Cmd: ['open'],
        User: '65532:65532',
        Env: ['CURRENCY=EUR'],
        ExposedPorts: { '8443/tcp': {} },
        Labels: { 'org.opencontainers.image.title': 'till' },
        WorkingDir: '/till',
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(manifest.Layers[0])}`] },
    });
    expect(tar('--utc', '--numeric-owner', '--full-time', '-tvf', manifest.Layers[0]).trim().split('\n')).toEqual([
      'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 etc/',
      'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 usr/',
      'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 usr/bin/',
      'lrwxrwxrwx 0/0               0 1970-01-01 00:00:00 bin -> usr/bin',
      '-rw-r--r-- 0/0              23 1970-01-01 00:00:00 etc/passwd',
      '-rwxr-xr-x 0/0              10 1970-01-01 00:00:00 usr/bin/till',
    ]);
  });

  it('has the same bytes for the same image, in whatever order its files are listed', async () => {
    const first = await write({}, 'first.tar');
    expect(await write({ files: IMAGE.files.toReversed() }, 'second.tar')).toEqual(first);
    expect(sha256('second.tar')).toBe(sha256('first.tar'));
  });

  it('has other bytes for another file, another mode and another moment', async () => {
    await write({}, 'first.tar');
    await write({ files: [{ path: '/usr/bin/till', source: program, mode: 0o700 }] }, 'mode.tar');
    await write({ files: [{ path: '/usr/bin/till', content: 'exit 1\n', mode: 0o755 }] }, 'content.tar');
    await write({}, 'moment.tar', Date.UTC(2026, 10, 21));
    const names = ['first.tar', 'mode.tar', 'content.tar', 'moment.tar'];
    expect(new Set(names.map(sha256)).size).toBe(names.length);
  });

  it('takes paths of any length', async () => {
    const path = `/${'a'.repeat(120)}/${'b'.repeat(120)}/${'c'.repeat(120)}`;
    await write({ files: [{ path, content: 'far down' }] }, 'long.tar');
    tar('-xf', 'long.tar');
    const [manifest] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    tar('-xf', manifest.Layers[0]);
    expect(readFileSync(join(folder, path), 'utf8')).toBe('far down');
  });
});

describe('an image that is refused', () => {
  const content = '';

  it.each([
    [
      'a path that is not absolute',
      { files: [{ path: 'usr/bin/till', content }] },
      'usr/bin/till: not an absolute, plain path',
    ],
    ['a path that climbs', { files: [{ path: '/usr/../till', content }] }, '/usr/../till: not an absolute, plain path'],
    ['a file that is listed twice', { files: [...IMAGE.files, ...IMAGE.files] }, '/usr/bin/till: listed twice'],
    [
      'a file below a link',
      { files: [...IMAGE.files, { path: '/bin/sh', content }] },
      '/bin: listed as a file, and other files lie below it',
    ],
    [
      'a file that is not there',
      { files: [{ path: '/till', source: join(folder, 'gone') }] },
      'no such file or directory',
    ],
    ['a reference without a tag', { reference: 'registry.example:5000/till' }, 'not an image reference with a tag'],
    ['a reference by digest', { reference: 'till@sha256:00' }, 'not an image reference with a tag'],
  ] satisfies readonly [string, Partial<Image>, string][])('%s', async (_, image, message) => {
    await expect(write(image, 'refused.tar')).rejects.toThrow(message);
  });

  it('a SOURCE_DATE_EPOCH that is none', async () => {
    process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
    try {
      await expect(write({}, 'refused.tar')).rejects.toThrow('SOURCE_DATE_EPOCH: yesterday is not a number of seconds');
    } finally {
      delete process.env['SOURCE_DATE_EPOCH'];
    }
  });
});
