import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, IMAGES } from '../../cluster/cluster.ts';
import { bundleProbe } from '../../cluster/probe/bundle.ts';
import { PROBE_COMMAND, type Probe, startProbe } from '../../cluster/probe/driver.ts';
import { RELEASE } from '../../harness/release.ts';
import { demanded, type Replica } from './release.ts';

type Host = Pick<Cluster, 'kubectl' | 'kubeconfig' | 'address'>;

/** probeFrom starts a pod in a namespace of its own, without a baseline, and a probe in it. */
export async function probeFrom(cluster: Host, namespace: string): Promise<Probe> {
  const forever = ['-e', 'setInterval(() => {}, 2 ** 30)'];
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'netpol-guard.io/baseline': 'none' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'probe', image: IMAGES.node, imagePullPolicy: 'IfNotPresent', args: forever }],
      },
    },
  ];
  await demanded(
    cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }),
  );
  await demanded(cluster.kubectl(['wait', '--for=condition=Ready', 'pod/probe', '-n', namespace, '--timeout=120s']));
  return execProbe(cluster, ['-n', namespace, 'probe'], PROBE_COMMAND);
}

/** probeInReplica runs a probe beside netpol-guard, in its own container: what holds for the one holds for the other. */
export async function probeInReplica(cluster: Host, { metadata }: Replica): Promise<Probe> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-probe-'));
  try {
    const file = join(folder, 'probe.mjs');
    await bundleProbe(file);
    const program = readFileSync(file, 'utf8');
    return execProbe(
      cluster,
      ['-n', RELEASE.namespace, metadata.name],
      ['node', '--input-type=module', '--eval', program],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function execProbe({ address, kubeconfig }: Host, target: readonly string[], command: readonly string[]): Probe {
  const env = { PATH: process.env['PATH'], HOME: address.folder, KUBECONFIG: kubeconfig };
  return startProbe(spawn(address.kubectl, ['exec', '-i', ...target, '--', ...command], { env, stdio: 'pipe' }));
}
