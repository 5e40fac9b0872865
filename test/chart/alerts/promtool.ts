import { spawnSync } from 'node:child_process';

/** promtool runs Prometheus' own checker. Throws where it is not on the machine. */
export function promtool(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error('promtool is not on the PATH; apt-get install prometheus', { cause: error });
  return { status, output: stdout + stderr };
}
