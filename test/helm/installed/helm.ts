import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { build } from '../../../programs/build.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Result } from '../../harness/kubectl.ts';

/** MAJORS are Helm's versions that are in use. */
export const MAJORS = [3, 4] as const;

/** Major is one of them. */
export type Major = (typeof MAJORS)[number];

/** Values are what an admin writes into values.yaml. */
export type Values = Readonly<Record<string, unknown>>;

/** Helm is one of its versions, at work in a cluster. */
export interface Helm {
  readonly major: Major;
  /** Runs it with values on its standard input, if any, whatever comes of it. */
  (args: readonly string[], values?: Values): Promise<Result>;
  /** Runs it, and kills it once a condition holds. Returns the signal that ended it, `null` where it was done before. */
  killedOnce(args: readonly string[], condition: () => Promise<boolean>): Promise<NodeJS.Signals | null>;
}

/** findHelm builds a Helm where it is not built yet. Its caches lie with the cluster's files, never with the user's. */
export async function findHelm(major: Major, cluster: Pick<Cluster, 'kubeconfig' | 'address'>): Promise<Helm> {
  const program = join(await build(`helm-${major}`), 'helm');
  const home = join(cluster.address.folder, `helm-${major}`);
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: cluster.kubeconfig };
  const run = async (args: readonly string[], values?: Values): Promise<Result> => {
    const given = values === undefined ? [] : ['--values', '-'];
    const child = spawn(program, [...args, ...given], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const status = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdin.end(values === undefined ? '' : stringify(values));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
  };
  const killedOnce: Helm['killedOnce'] = async (args, condition) => {
    const child = spawn(program, args, { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (child.exitCode === null && !(await condition()));
    child.kill('SIGKILL');
    await ended;
    return child.signalCode;
  };
  return Object.assign(run, { major, killedOnce });
}

/** merged merges values as Helm does: maps by key, everything else as a whole. */
export function merged(before: Values, after: Values): Values {
  const both = Object.entries(after).map(([key, value]) => {
    const old = before[key];
    return [key, isMap(old) && isMap(value) ? merged(old, value) : value];
  });
  return { ...before, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
