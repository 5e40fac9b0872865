import { existsSync, rmSync } from 'node:fs';
import { until } from '../../e2e/harness/until.ts';
import { removeCgroups } from './cgroups.ts';
import type { Instance } from './instance.ts';
import { readKeeping } from './keeping.ts';
import { isAlive } from './process-identity.ts';

/** Emptying a network namespace with a hundred pods in it takes the kernel some seconds. */
const TIMEOUT_MS = 60_000;

/** endNode ends everything that runs at once, and keeps the disk. Does nothing where nothing runs. */
export async function endNode({ folder, link }: Instance): Promise<void> {
  const keeping = readKeeping(folder);
  if (keeping !== undefined) {
    const { keeper, init, cgroups } = keeping;
    if (isAlive(keeper)) {
      process.kill(keeper.pid, 'SIGTERM');
      await until('the keeper of the node to end', () => !isAlive(keeper) || undefined, TIMEOUT_MS);
    }
    // A keeper that was killed has left this to us.
    if (init !== undefined && isAlive(init)) process.kill(init.pid, 'SIGKILL');
    await until('the groups of the node to empty', () => removeCgroups(cgroups) || undefined, TIMEOUT_MS);
  }
  await until(`the link ${link} to go`, () => !existsSync(`/sys/class/net/${link}`) || undefined, TIMEOUT_MS);
}

/** removeCluster ends everything and removes the folder. Does nothing where there is nothing. */
export async function removeCluster(instance: Instance): Promise<void> {
  await endNode(instance);
  rmSync(instance.folder, { recursive: true, force: true });
}
