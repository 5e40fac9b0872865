import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** What an installation is made of. What lies elsewhere, such as tests, makes no other version. */
const PRODUCT = ['src', 'charts', 'scripts/image', 'package.json'];

/** Version is one that can be installed: a chart, and the tag of the image that is in the cluster. */
export interface Version {
  readonly chart: string;
  readonly tag: string;
  /** Where it comes from. */
  readonly source: string;
}

/** Versions are those between which upgrades go. */
export interface Versions {
  readonly previous: Version;
  readonly current: Version;
  close(): void;
}

/**
 * prepareVersions makes the image of the sources as they are, and of the version before: the last tag, and where there is
 * none yet, the commit before the last one that changed the program or its chart. Both images are brought into the cluster.
 */
export async function prepareVersions(cluster: Pick<Cluster, 'importImage'>): Promise<Versions> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-versions-'));
  const close = () => rmSync(folder, { recursive: true });
  try {
    const commit = previousCommit();
    const before = join(folder, 'before');
    checkOut(commit, before);
    const made = async (sources: string, tag: string): Promise<void> => {
      const file = join(folder, `${tag}.tar`);
      const script = join(sources, 'scripts/image.ts');
      run(process.execPath, [script, '--output', file, '--tag', `localhost/netpol-guard:${tag}`], sources);
      await cluster.importImage(file);
      rmSync(file);
    };
    await made(before, 'before');
    await made(ROOT, 'test');
    const said = run('git', ['log', '-1', '--format=%h, %s', commit], ROOT);
    return {
      previous: { chart: join(before, 'charts/netpol-guard'), tag: 'before', source: said },
      current: { chart: join(ROOT, 'charts/netpol-guard'), tag: 'test', source: 'the sources as they are' },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function previousCommit(): string {
  const tag = run('git', ['tag', '--merged', 'HEAD', '--sort=-v:refname', '--list', 'v*'], ROOT).split('\n')[0];
  if (tag) return tag;
  const commits = run('git', ['rev-list', '--max-count=2', 'HEAD', '--', ...PRODUCT], ROOT).split('\n');
  const commit = commits[1];
  if (commit === undefined) throw new Error('no version before this one; a clone with its history is needed');
  return commit;
}

function checkOut(commit: string, folder: string): void {
  mkdirSync(folder);
  const files = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-xf', '-'], { cwd: folder, input: files });
  const locked = (sources: string) => readFileSync(join(sources, 'package-lock.json'), 'utf8');
  if (locked(folder) === locked(ROOT)) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
