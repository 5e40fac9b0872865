import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../../../../src/manifests/files/read-sources.ts';
import { testIo, withFiles } from '../../cli/setup.ts';

const MODULE = join(import.meta.dirname, '../../../../src/manifests/files/read-sources.ts');

const { stdin } = testIo('from: stdin\n');

describe('readSources', () => {
  it('reads folders recursively, by name, and leaves out what is no manifest', async () => {
    const files = {
      'b.yaml': '',
      'a.yml': '',
      'c/d.json': '',
      'c/README.md': '',
      '.git/e.yaml': '',
      'node_modules/f.yaml': '',
      '.hidden.yaml': '',
    };
    await withFiles(files, async (folder) => {
      const { texts, missing } = await readSources([folder], stdin);
      expect(texts.map(({ file }) => relative(folder, file))).toEqual([
        '.hidden.yaml',
        'a.yml',
        'b.yaml',
        join('c', 'd.json'),
      ]);
      expect(missing).toEqual([]);
    });
  });

  it('names a folder that it does not enter and kubectl does, where it may hold manifests', async () => {
    const files = {
      'a.yaml': '',
      '.git/e.yaml': '',
      '.cache/f/g.txt': '',
      '.hidden/b/c.yaml': '',
      'd/node_modules/package.json': '',
    };
    await withFiles(files, async (folder) => {
      expect((await readSources([folder], stdin)).passedOver).toEqual([
        `${join(folder, '.hidden')}: netpol-guard skips hidden folders and node_modules, and kubectl does not; name it to have it judged, and 1 more like it`,
      ]);
      const { texts, passedOver } = await readSources([join(folder, '.hidden')], stdin);
      expect({ texts: texts.length, passedOver }).toEqual({ texts: 1, passedOver: [] });
    });
  });

  it('reads files whose names are no UTF-8, and shows the bytes', async () => {
    await withFiles({ 'a.yaml': 'a: 1' }, async (folder) => {
      const bytes = (name: string) => Buffer.from(join(folder, name), 'latin1');
      writeFileSync(bytes('\xe4.yaml'), 'b: 1');
      mkdirSync(bytes('\xff'));
      writeFileSync(bytes('\xff/c.json'), '{"c": 1}');
      symlinkSync('a.yaml', bytes('\xff.yml'));
      symlinkSync('..', bytes('\xff/up'));
      symlinkSync(Buffer.from('/dev/\xff', 'latin1'), bytes('\xfe.yaml'));
      const { texts, missing, passedOver } = await readSources([folder], stdin);
      expect(texts.map(({ file, text }) => [relative(folder, file), text])).toEqual([
        ['a.yaml', 'a: 1'],
        ['\\xe4.yaml', 'b: 1'],
        ['\\xff/c.json', '{"c": 1}'],
      ]);
      expect(missing).toEqual([]);
      expect(passedOver).toEqual([
        `${join(folder, '\\xfe.yaml')}: no such file or folder; it is not judged`,
        `${join(folder, '\\xff/up')}: is a symbolic link to a folder, which kubectl does not follow; name the folder to judge it`,
      ]);
    });
  });

  it('reads a file by name whatever its ending, and each file once', async () => {
    await withFiles({ 'a.txt': 'a: 1', 'b.yaml': '' }, async (folder) => {
      const { texts } = await readSources([join(folder, 'a.txt'), folder, join(folder, 'b.yaml')], stdin);
      expect(texts.map(({ file }) => relative(folder, file))).toEqual(['a.txt', 'b.yaml']);
    });
  });

  it('reads standard input', async () => {
    const { texts } = await readSources(['-'], stdin);
    expect(texts.map(({ file, text }) => [file, text])).toEqual([['<stdin>', 'from: stdin\n']]);
  });

  it('says what is missing, and reads the rest', async () => {
    await withFiles({ 'a.yaml': '', 'empty/README.md': '' }, async (folder) => {
      const paths = [join(folder, 'b.yaml'), join(folder, 'empty'), folder];
      const { texts, missing, emptyFolders } = await readSources(paths, stdin);
      expect(texts).toHaveLength(1);
      expect(missing).toEqual([`${join(folder, 'b.yaml')}: no such file or folder`]);
      expect(emptyFolders).toEqual([`${join(folder, 'empty')}: the folder holds no *.yaml, *.yml or *.json`]);
    });
  });

  it('drops a byte order mark', async () => {
    const { texts } = await readSources(['-'], testIo('\uFEFFa: 1').stdin);
    expect(texts[0]?.text).toBe('a: 1');
  });

  it('refuses what is not UTF-8', async () => {
    const { texts, unreadable } = await readSources(['-'], testIo(Uint8Array.of(0x61, 0xff, 0x62)).stdin);
    expect(texts).toEqual([]);
    expect(unreadable).toEqual([{ file: '<stdin>', message: 'is not UTF-8' }]);
  });

  it.each([
    ['UTF-16', '\ufeffa: 1', 'utf16le', false],
    ['UTF-16', 'a: 1', 'utf16le', false],
    ['UTF-16', '\ufeffa: 1', 'utf16le', true],
    ['UTF-16', 'a: 1', 'utf16le', true],
    ['UTF-32', '\ufeff\0a\0', 'utf16le', false],
    ['UTF-32', 'a\0:\0', 'utf16le', false],
    ['UTF-32', '\0\ufeff\0a', 'utf16le', true],
    ['UTF-32', '\0a\0:', 'utf16le', true],
  ] as const)('names %s: %j as %s, swapped %s', async (name, text, encoding, isSwapped) => {
    const bytes = Buffer.from(text, encoding);
    const { unreadable } = await readSources(['-'], testIo(isSwapped ? bytes.swap16() : bytes).stdin);
    expect(unreadable.map(({ message }) => message)).toEqual([`is ${name}; save it as UTF-8`]);
  });

  it('stops reading what never ends', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) {
        chunks += 1;
        yield await Promise.resolve(new Uint8Array(1024 * 1024));
      }
    }
    const { unreadable } = await readSources(['-'], endless);
    expect(unreadable).toEqual([{ file: '<stdin>', message: 'is larger than 32 MiB; split it' }]);
    expect(chunks).toBe(33);
  });
});

describe('symbolic links in a folder', () => {
  it('to files are read under their own names, wherever they lead', async () => {
    await withFiles({ 'deploy/b.yaml': 'b: 1', 'other/policy.txt': 'a: 1' }, async (folder) => {
      symlinkSync('../other/policy.txt', join(folder, 'deploy/a.yaml'));
      symlinkSync('a.yaml', join(folder, 'deploy/c.yaml'));
      symlinkSync('b.yaml', join(folder, 'deploy/d.json'));
      symlinkSync('b.yaml', join(folder, 'deploy/e.txt'));
      const { texts, missing, passedOver, outside } = await readSources([join(folder, 'deploy')], stdin);
      expect(texts.map(({ file, text }) => [relative(folder, file), text])).toEqual([
        ['deploy/a.yaml', 'a: 1'],
        ['deploy/b.yaml', 'b: 1'],
      ]);
      expect({ missing, passedOver }).toEqual({ missing: [], passedOver: [] });
      expect([...outside].map((file) => relative(folder, file))).toEqual(['deploy/a.yaml']);
    });
  });

  it('to folders are named and not followed, so no walk goes in circles', async () => {
    await withFiles({ 'a.yaml': '', 'c/d.yaml': '' }, async (folder) => {
      symlinkSync('..', join(folder, 'c/up'));
      symlinkSync('.', join(folder, 'c/self.yaml'));
      symlinkSync('nothing', join(folder, 'c/nothing'));
      const { texts, passedOver } = await readSources([folder], stdin);
      expect(texts.map(({ file }) => relative(folder, file))).toEqual(['a.yaml', 'c/d.yaml']);
      expect(passedOver).toEqual([
        `${join(folder, 'c/self.yaml')}: is a folder, not a file; it is not judged`,
        `${join(folder, 'c/up')}: is a symbolic link to a folder, which kubectl does not follow; name the folder to judge it`,
      ]);
    });
  });

  it('to folders are followed where they are named', async () => {
    await withFiles({ 'c/d.yaml': '' }, async (folder) => {
      symlinkSync('c', join(folder, 'link'));
      const { texts } = await readSources([join(folder, 'link')], stdin);
      expect(texts.map(({ file }) => relative(folder, file))).toEqual(['link/d.yaml']);
    });
  });

  it('to nothing, and in circles, are named', async () => {
    await withFiles({ 'a.yaml': '' }, async (folder) => {
      symlinkSync('gone.yaml', join(folder, 'b.yaml'));
      symlinkSync('c.yaml', join(folder, 'c.yaml'));
      const { texts, missing, passedOver } = await readSources([folder], stdin);
      expect(texts).toHaveLength(1);
      expect(missing).toEqual([]);
      expect(passedOver).toEqual([
        `${join(folder, 'b.yaml')}: no such file or folder; it is not judged`,
        `${join(folder, 'c.yaml')}: symbolic links go in a circle; it is not judged`,
      ]);
    });
  });

  it('to what a process keeps to itself give none of it away', async () => {
    await withFiles({}, async (folder) => {
      symlinkSync('/proc/self/environ', join(folder, 'a.yaml'));
      const { texts, unreadable } = await readSources([folder], stdin);
      expect(texts).toEqual([]);
      expect(unreadable).toEqual([
        { file: join(folder, 'a.yaml'), message: 'holds more than its size says; make a plain copy of it' },
      ]);
    });
  });
});

describe('what is no file', () => {
  it('is not waited for: pipes, devices and sockets in a folder are named', async () => {
    await withFiles({ 'a.yaml': '' }, async (folder) => {
      execFileSync('mkfifo', [join(folder, 'b.yaml')]);
      symlinkSync('b.yaml', join(folder, 'c.json'));
      symlinkSync('/dev/zero', join(folder, 'd.yaml'));
      const server = createServer().listen(join(folder, 'e.yaml'));
      const { texts, passedOver } = await readSources([folder], stdin);
      server.close();
      expect(texts).toHaveLength(1);
      expect(passedOver).toEqual([
        `${join(folder, 'b.yaml')}: is a pipe, not a file; it is not judged`,
        `${join(folder, 'c.json')}: is a pipe, not a file; it is not judged`,
        `${join(folder, 'd.yaml')}: is a device, not a file; it is not judged`,
        `${join(folder, 'e.yaml')}: is a socket, not a file; it is not judged`,
      ]);
    });
  });

  it('is an error where it is named', async () => {
    const { missing } = await readSources(['/dev/null'], stdin);
    expect(missing).toEqual(['/dev/null: is a device, not a file']);
  });

  it('is read where it is a pipe that is named', async () => {
    await withFiles({}, async (folder) => {
      const pipe = join(folder, 'b.yaml');
      execFileSync('mkfifo', [pipe]);
      const writer = spawn('sh', ['-c', 'echo "a: 1" > "$0"', pipe]);
      const { texts, piped } = await readSources([pipe], stdin);
      expect(texts.map(({ text }) => text)).toEqual(['a: 1\n']);
      expect([...piped]).toEqual([pipe]);
      writer.kill();
    });
  });

  it('is read where a shell has opened it for us', () => {
    const script = `import { readSources } from ${JSON.stringify(MODULE)};
      const { texts, missing } = await readSources([process.argv[1]], () => process.stdin);
      process.stdout.write(JSON.stringify([texts.map(({ text }) => text), missing]));`;
    const command = '"$0" --input-type=module -e "$1" <(echo "a: 1")';
    const printed = execFileSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual([['a: 1\n'], []]);
  });
});

it('a file that may not be read is missing, and not passed over', async () => {
  await withFiles({ 'a.yaml': '', 'b.yaml': '' }, async (folder) => {
    chmodSync(join(folder, 'b.yaml'), 0);
    const script = `import { readSources } from ${JSON.stringify(MODULE)};
      if (process.getuid() === 0) process.setuid(65534);
      const { missing, passedOver } = await readSources([process.argv[1]], () => process.stdin);
      process.stdout.write(JSON.stringify({ missing, passedOver }));`;
    chmodSync(folder, 0o755);
    const args = ['--input-type=module', '-e', script, folder];
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual({ missing: [`${join(folder, 'b.yaml')}: permission denied`], passedOver: [] });
  });
});

it('a large file is refused by its size, before it is read', async () => {
  await withFiles({ 'a.yaml': '' }, async (folder) => {
    truncateSync(join(folder, 'a.yaml'), 2 ** 40);
    const { unreadable } = await readSources([folder], stdin);
    expect(unreadable.map(({ message }) => message)).toEqual(['is larger than 32 MiB; split it']);
  });
});
