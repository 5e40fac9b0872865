import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { Result } from './kubectl.ts';

/** netpolGuard runs the built program to its end, as the admin of the API server unless told otherwise. */
export async function netpolGuard(
  args: readonly string[],
  kubeconfig = inject('controlPlane').kubeconfig,
): Promise<Result> {
  const program = join(inject('bundle'), 'dist', 'netpol-guard.js');
  const child = spawn(process.execPath, [program, ...args, '--kubeconfig', kubeconfig], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await ended, stdout, stderr };
}
