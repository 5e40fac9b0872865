import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { until } from '../../harness/until.ts';
import { findCgroups, listMembers, removeCgroups } from './cgroups.ts';
import type { Instance } from './instance.ts';
import { readKeeping } from './keeping.ts';
import { isAlive } from './process-identity.ts';

/** Emptying a network namespace with a hundred pods in it takes the kernel some seconds. */
const TIMEOUT_MS = 60_000;

/** endNode ends everything that runs at once, and keeps the disk. Does nothing where nothing runs. */
export async function endNode({ folder, link }: Instance): Promise<void> {
  const keeper = readKeeping(folder)?.keeper;
  if (keeper !== undefined && isAlive(keeper)) {
    process.kill(keeper.pid, 'SIGTERM');
    await until('the keeper of the node to end', () => !isAlive(keeper) || undefined, TIMEOUT_MS);
  }
  // What a keeper leaves behind that was killed itself. Its groups tell, whatever has become of the folder.
  const cgroups = findCgroups(link);
  for (const pid of listMembers(cgroups)) killIfThere(pid);
  await until('the groups of the node to empty', () => removeCgroups(cgroups) || undefined, TIMEOUT_MS);
  if (existsSync(`/sys/class/net/${link}`)) removeLink(link);
  await until(`the link ${link} to go`, () => !existsSync(`/sys/class/net/${link}`) || undefined, TIMEOUT_MS);
}

/** removeCluster ends everything and removes the folder. Does nothing where there is nothing. */
export async function removeCluster(instance: Instance): Promise<void> {
  await endNode(instance);
  rmSync(instance.folder, { recursive: true, force: true });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function removeLink(link: string): void {
  try {
    execFileSync('ip', ['link', 'delete', link], { stdio: 'pipe' });
  } catch (error) {
    // The kernel takes it away with the node's network namespace, in its own time.
    if (existsSync(`/sys/class/net/${link}`)) throw error;
  }
}
