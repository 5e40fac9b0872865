import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from '../../programs/build.ts';
import type { ControlPlaneAddress } from '../harness/address.ts';
import { CHART, type Outcome, RELEASE, type Values } from './helm.ts';

/** LiveHelm acts on a cluster, on the one release there. It does not wait for pods: nothing runs any there. */
export interface LiveHelm {
  readonly version: 3 | 4;
  /** `chart` is a folder; this one's if nothing is said. */
  install(values: Values, chart?: string): Promise<Outcome>;
  /** With these values alone. */
  upgrade(values: Values, ...flags: string[]): Promise<Outcome>;
  rollback(revision: number, ...flags: string[]): Promise<Outcome>;
  uninstall(): Promise<Outcome>;
  /** Another installation, of another name in another namespace. */
  second(namespace: string): Promise<Outcome>;
}

/** createLiveHelm binds a Helm to a cluster and a chart; its caches go where the cluster's own files are. */
export async function createLiveHelm(
  version: 3 | 4,
  address: ControlPlaneAddress,
  chart: string = CHART,
): Promise<LiveHelm> {
  const program = join(await build(`helm-${version}`), 'helm');
  const env = { PATH: process.env['PATH'], HOME: address.folder, KUBECONFIG: address.kubeconfig };
  const { name, namespace } = RELEASE;
  const run = async (args: readonly string[], values?: Values, where = namespace): Promise<Outcome> => {
    const given = values === undefined ? [] : ['--values', '-'];
    const child = spawn(program, [...args, '--namespace', where, ...given], { env, stdio: 'pipe' });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdin.end(values === undefined ? '' : JSON.stringify(values));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await ended, stdout, stderr };
  };
  return {
    version,
    install: (values, other = chart) => run(['install', name, other], values),
    upgrade: (values, ...flags) => run(['upgrade', name, chart, '--reset-values', ...flags], values),
    rollback: (revision, ...flags) => run(['rollback', name, String(revision), ...flags]),
    uninstall: () => run(['uninstall', name]),
    second: (where) => run(['install', 'second', chart], {}, where),
  };
}
