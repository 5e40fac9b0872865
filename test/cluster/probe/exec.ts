import { spawn } from 'node:child_process';
import type { ControlPlaneAddress } from '../../harness/address.ts';
import { PROBE_COMMAND, type Probe, startProbe } from './driver.ts';

/** execProbe starts a probe in a pod of the Node image, by `kubectl exec`. */
export function execProbe(address: ControlPlaneAddress, namespace: string, pod: string): Probe {
  const argv = ['exec', '-i', '-n', namespace, pod, '--', ...PROBE_COMMAND];
  const env = { PATH: process.env['PATH'], HOME: address.folder, KUBECONFIG: address.kubeconfig };
  return startProbe(spawn(address.kubectl, argv, { env, stdio: ['pipe', 'pipe', 'pipe'] }));
}
