import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../../../../src/cli/manifests/read-sources.ts';
import { testIo, withFiles } from '../setup.ts';

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
      symlinkSync(join(folder, 'c'), join(folder, 'link'));
      symlinkSync(join(folder, 'b.yaml'), join(folder, 'link.yaml'));
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
      const { texts, missing } = await readSources([join(folder, 'b.yaml'), join(folder, 'empty'), folder], stdin);
      expect(texts).toHaveLength(1);
      expect(missing).toEqual([
        `${join(folder, 'b.yaml')}: no such file or folder`,
        `${join(folder, 'empty')}: the folder holds no *.yaml, *.yml or *.json`,
      ]);
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
