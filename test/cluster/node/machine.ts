import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Machine is what there is to be asked about the machine that the cluster is to run on. */
export interface Machine {
  readonly platform: string;
  /** Of the user; 0 is root. */
  readonly uid: number;
  exists(path: string): boolean;
  /** Empty for a file that is not there. */
  read(path: string): string;
  /** Whether a program is on the PATH. */
  finds(program: string): boolean;
  /** What a program prints; `undefined` where it fails. */
  prints(...argv: readonly string[]): string | undefined;
}

/** THIS_MACHINE is the one that we are on. */
export const THIS_MACHINE: Machine = {
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  exists: existsSync,
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
  finds: (program) =>
    (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program))),
  prints: (program = '', ...args) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return undefined;
    }
  },
};
