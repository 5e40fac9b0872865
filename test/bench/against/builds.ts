import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesOf } from '../../harness/version-before.ts';
import { runToEnd } from '../process.ts';

const HERE = join(import.meta.dirname, '../../..');

/** Build is one checkout with its program built. */
export interface Build {
  /** The root of the checkout. */
  readonly root: string;
  /** The program, which is the door that every commit has. */
  readonly program: string;
  /** The commit, and whether there are changes on top of it. */
  readonly name: string;
}

/** Contest is two builds that are measured by turns, so many times each. */
export interface Contest {
  readonly before: Build;
  readonly now: Build;
  readonly rounds: number;
}

const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: HERE, encoding: 'utf8' }).trim();

/** buildHere builds this checkout as it stands. */
export async function buildHere(): Promise<Build> {
  const changes = git('status', '--porcelain') === '' ? '' : ' with changes';
  return built(HERE, `${git('log', '-1', '--format=%h %s')}${changes}`);
}

/**
 * buildOf checks a commit out into a worktree outside of this one and builds it there. The worktree goes when this process
 * ends, on a signal too. It shares this checkout's packages where both lock the same; else it gets its own. Throws
 * where there is no such commit.
 */
export async function buildOf(commit: string): Promise<Build> {
  const name = git('log', '-1', '--format=%h %s', '--end-of-options', `${commit}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-against-'));
  const root = join(folder, 'checkout');
  process.once('exit', () => {
    git('worktree', 'remove', '--force', root);
    rmSync(folder, { recursive: true, force: true });
  });
  git('worktree', 'add', '--quiet', '--detach', root, name.split(' ')[0] ?? commit);
  if (packagesOf(root) === packagesOf(HERE)) {
    symlinkSync(join(HERE, 'node_modules'), join(root, 'node_modules'));
  } else {
    console.log(`package-lock.json has other packages: installing those of ${name}`);
    await runToEnd('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  }
  return built(root, name);
}

async function built(root: string, name: string): Promise<Build> {
  await runToEnd('npm', ['run', 'build'], { cwd: root });
  return { root, program: join(root, 'dist/netpol-guard.js'), name };
}
