import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * VERSION_BEFORE is what upgrades come from and rollbacks go to, until the first release is tagged: the last landing before
 * the attacker's findings were closed. A release changes this line alone.
 */
const VERSION_BEFORE = '13a8e0f';

/** Sources are those of the version before, with the packages that they are built with. */
export interface Sources {
  readonly folder: string;
  /** Where they come from. */
  readonly source: string;
  remove(): void;
}

/** checkOutVersionBefore writes the sources of the version before into a folder of their own: the last tag's, if any. */
export function checkOutVersionBefore(): Sources {
  const commit = lastTag() ?? VERSION_BEFORE;
  demandCommit(commit);
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-before-'));
  const remove = () => rmSync(folder, { recursive: true });
  try {
    const files = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 28 });
    execFileSync('tar', ['-xf', '-'], { cwd: folder, input: files });
    if (packagesOf(folder) === packagesOf(ROOT)) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    else run('npm', ['ci', '--no-audit', '--no-fund'], folder);
    return { folder, source: run('git', ['log', '-1', '--format=%h, %s', commit], ROOT), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function lastTag(): string | undefined {
  return run('git', ['tag', '--merged', 'HEAD', '--sort=-v:refname', '--list', 'v*'], ROOT).split('\n')[0] || undefined;
}

function demandCommit(commit: string): void {
  try {
    run('git', ['cat-file', '-e', `${commit}^{commit}`], ROOT);
  } catch (cause) {
    const words = `${commit}, the version before, is not in this clone: it needs the whole history (git fetch --unshallow)`;
    throw new Error(words, { cause });
  }
}

/** packagesOf returns what a checkout installs, and in which version: how its lock words the rest makes no other packages. */
export function packagesOf(folder: string): string {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    readFileSync(join(folder, 'package-lock.json'), 'utf8'),
  );
  const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
  return JSON.stringify(installed.map(([path, { version }]) => [path, version]).toSorted());
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
