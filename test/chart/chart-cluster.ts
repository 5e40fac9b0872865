import { join } from 'node:path';
import { findPrograms, type Release } from '../../programs/control-plane.ts';
import { type Connected, connect } from '../harness/connected.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { until } from '../harness/until.ts';
import { customResourceFiles } from './custom-resources.ts';
import { RELEASE } from './helm.ts';

/** ChartCluster is a control plane to install the chart in: its namespace is there, cluster DNS, and custom resources. */
export interface ChartCluster extends Connected {
  readonly controlPlane: ControlPlane;
  /** Runs kubectl, which is to succeed. Throws with its words. */
  done(args: readonly string[], stdin?: string): Promise<{ readonly stdout: string; readonly stderr: string }>;
  stop(): Promise<void>;
}

/** startChartCluster returns once all of it is served. */
export async function startChartCluster(release: Release = 'current'): Promise<ChartCluster> {
  const controlPlane = await startControlPlane(await findPrograms(release));
  const connected = connect(controlPlane.address);
  const done: ChartCluster['done'] = async (args, stdin = '') => {
    const { status, stdout, stderr } = await connected.kubectl(args, { stdin });
    if (status !== 0) throw new Error(stderr);
    return { stdout, stderr };
  };
  const stop = async () => {
    await connected.close();
    await controlPlane.stop();
  };
  try {
    await done(['apply', '-f', join(import.meta.dirname, '../e2e/manifests')]);
    await done(['apply', '--server-side', ...customResourceFiles().map((file) => `--filename=${file}`)]);
    await done(['create', 'namespace', RELEASE.namespace]);
    await done(['label', 'namespace', RELEASE.namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    const kinds = 'servicemonitors.monitoring.coreos.com,certificates.cert-manager.io';
    await until('custom resources to be served', async () =>
      (await connected.kubectl(['get', kinds, '-A'])).status === 0 ? true : undefined,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...connected, controlPlane, done, stop };
}
