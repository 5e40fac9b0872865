import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ControlPlaneAddress } from '../e2e/harness/address.ts';
import { build } from '../programs/build.ts';
import { CHART, type Outcome, RELEASE, type Values } from './helm.ts';

/** LiveHelm acts on a cluster, on the one release there. It does not wait for pods: nothing runs any there. */
export interface LiveHelm {
  readonly version: 3 | 4;
  install(values: Values): Promise<Outcome>;
  /** With these values alone. */
  upgrade(values: Values): Promise<Outcome>;
  rollback(revision: number): Promise<Outcome>;
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
    install: (values) => run(['install', name, chart], values),
    upgrade: (values) => run(['upgrade', name, chart, '--reset-values'], values),
    rollback: (revision) => run(['rollback', name, String(revision)]),
    uninstall: () => run(['uninstall', name]),
    second: (where) => run(['install', 'second', chart], {}, where),
  };
}
