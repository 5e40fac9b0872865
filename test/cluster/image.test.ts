import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { makeProductImage } from './product/image.ts';
import { unpackImage } from './product/unpacked.ts';
import { record } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

describe("netpol-guard's image", () => {
  it('has Node, the program and what they need, and nothing else', async () => {
    const { tree, layer } = await unpackImage(makeProductImage(folder));

    const files = Object.keys(tree).filter((path) => tree[path]?.startsWith('file'));
    const programs = files.filter((path) => tree[path]?.includes(' 755 '));
    expect(programs.filter((path) => !/\.so(\.\d+)*$/.test(path))).toEqual(['/usr/local/bin/node']);
    expect(files.filter((path) => path.includes('node_modules') || path.endsWith('.ts'))).toEqual([]);
    expect(files.filter((path) => path.startsWith('/netpol-guard/dist/')).length).toBeGreaterThan(10);
    expect(Object.values(tree).filter((what) => !what.includes(' 0:0 '))).toEqual([]);
    const compressed = gzipSync(layer).byteLength;
    const which = `${megabytes(layer.byteLength)}, ${megabytes(compressed)} compressed, ${files.length} files`;
    record('machine', { what: "netpol-guard's image", which });
  });
});
