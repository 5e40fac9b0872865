import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cgroup } from './cgroups.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Keeping is what a keeper leaves word of: what is to be ended and taken away, should it die itself. */
export interface Keeping {
  readonly keeper: ProcessIdentity;
  /** PID 1 of the node, once there is one. */
  readonly init?: ProcessIdentity;
  readonly cgroups: readonly Cgroup[];
}

/** writeKeeping replaces what stands. */
export function writeKeeping(folder: string, keeping: Keeping): void {
  writeFileSync(join(folder, 'keeping.json'), JSON.stringify(keeping));
}

/** readKeeping gives nothing where no keeper has come so far. */
export function readKeeping(folder: string): Keeping | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'keeping.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
