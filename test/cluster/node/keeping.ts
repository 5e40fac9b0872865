import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** Keeping is what a keeper leaves word of: who is to be ended. */
export interface Keeping {
  readonly keeper: ProcessIdentity;
  /** PID 1 of the node, once there is one. */
  readonly init?: ProcessIdentity;
}

/** writeKeeping replaces what stands. */
export function writeKeeping(folder: string, keeping: Keeping): void {
  writeFileSync(join(folder, 'keeping.json'), JSON.stringify(keeping));
}

/** readKeeping gives nothing where no keeper has come so far. */
export function readKeeping(folder: string): Keeping | undefined {
  return readJson(join(folder, 'keeping.json'));
}

/** writeStarter leaves word of who is starting a cluster. */
export function writeStarter(folder: string, starter: ProcessIdentity): void {
  writeFileSync(join(folder, 'starter.json'), JSON.stringify(starter));
}

/** readStarter gives nothing once the cluster has come up. */
export function readStarter(folder: string): ProcessIdentity | undefined {
  return readJson(join(folder, 'starter.json'));
}

/** forgetStarter says that the cluster has come up. */
export function forgetStarter(folder: string): void {
  rmSync(join(folder, 'starter.json'));
}

/** writeOwner ties a cluster to a process, such as a test run. */
export function writeOwner(folder: string, owner: ProcessIdentity): void {
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner));
}

/** readOwner gives nothing for a cluster that is to stay. */
export function readOwner(folder: string): ProcessIdentity | undefined {
  return readJson(join(folder, 'owner.json'));
}

function readJson(file: string) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
