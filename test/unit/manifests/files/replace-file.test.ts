import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf, NoFile } from '../../../../src/manifests/files/read-file.ts';
import { type Origin, replaceFile } from '../../../../src/manifests/files/replace-file.ts';
import { withFiles } from '../../cli/setup.ts';

function originOf(path: string | Buffer): Origin {
  return { path, identity: identityOf(statSync(path, { bigint: true })) };
}

test('puts the new text there, with the mode of the old, and leaves nothing else behind', async () => {
  await withFiles({ 'a.yaml': 'a: 1\n' }, async (folder) => {
    const file = join(folder, 'a.yaml');
    chmodSync(file, 0o640);
    await replaceFile(originOf(file), 'a: 1\n', 'a: 2\n');
    expect(readFileSync(file, 'utf8')).toBe('a: 2\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['a.yaml']);
  });
});

test('keeps a byte order mark, which is no part of the text', async () => {
  await withFiles({ 'a.yaml': '\ufeffa: 1\n' }, async (folder) => {
    await replaceFile(originOf(join(folder, 'a.yaml')), 'a: 1\n', 'a: 2\n');
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('\ufeffa: 2\n');
  });
});

test('follows a symbolic link, which stays one', async () => {
  await withFiles({ 'real/a.yaml': 'a: 1\n' }, async (folder) => {
    const link = join(folder, 'link.yaml');
    symlinkSync('real/a.yaml', link);
    await replaceFile(originOf(link), 'a: 1\n', 'a: 2\n');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'real/a.yaml'), 'utf8')).toBe('a: 2\n');
  });
});

test('leaves another file as it is that has come to the place of the one that was read, though it says the same', async () => {
  await withFiles({ 'read/a.yaml': 'a: 1\n', 'outside/a.yaml': 'a: 1\n' }, async (folder) => {
    const read = originOf(join(folder, 'read/a.yaml'));
    renameSync(join(folder, 'read'), join(folder, 'moved'));
    symlinkSync('outside', join(folder, 'read'));
    await expect(replaceFile(read, 'a: 1\n', 'a: 2\n')).rejects.toThrow(
      new NoFile('has been replaced since it was read; it is left as it is'),
    );
    expect(readFileSync(join(folder, 'outside/a.yaml'), 'utf8')).toBe('a: 1\n');
    expect(readdirSync(join(folder, 'outside'))).toEqual(['a.yaml']);
  });
});

test('leaves a file that is read-only, or has changed meanwhile, as it is', async () => {
  await withFiles({ 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' }, async (folder) => {
    const [a, b] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
    chmodSync(a, 0o444);
    await expect(replaceFile(originOf(a), 'a: 1\n', 'a: 2\n')).rejects.toThrow(
      new NoFile('is read-only; it is left as it is'),
    );
    writeFileSync(b, 'b: 3\n');
    await expect(replaceFile(originOf(b), 'b: 1\n', 'b: 2\n')).rejects.toThrow('has changed since it was read');
    await expect(replaceFile(originOf(folder), '', '')).rejects.toThrow('is not a file that can be replaced');
    expect([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')]).toEqual(['a: 1\n', 'b: 3\n']);
    expect(readdirSync(folder)).toEqual(['a.yaml', 'b.yaml']);
  });
});

test('keeps the group that the file had', async () => {
  await withFiles({ 'a.yaml': 'a: 1\n' }, async (folder) => {
    const file = join(folder, 'a.yaml');
    // Root gives a file to whomever it likes, others to the groups that they are in.
    const group = process.getuid?.() === 0 ? 12_345 : (process.getgroups?.().at(-1) ?? 0);
    chownSync(file, statSync(file).uid, group);
    await replaceFile(originOf(file), 'a: 1\n', 'a: 2\n');
    expect(statSync(file)).toMatchObject({ gid: group });
  });
});
