import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../../programs/control-plane.ts';
import { type ControlPlaneAddress, writeKubeconfig } from './address.ts';
import { createApiClient } from './api-client.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags } from './control-plane-flags.ts';
import { type Daemon, freePort, startDaemon } from './daemon.ts';
import { createKubectl } from './kubectl.ts';
import { createAuthority } from './pki.ts';
import { until } from './until.ts';
import { showToWebhooks } from './webhook-client.ts';

/** ControlPlane is etcd, kube-apiserver and kube-controller-manager of our own on loopback. */
export interface ControlPlane {
  readonly address: ControlPlaneAddress;
  /** Kills a program and starts it again as it was; returns once the API server is ready. */
  restart(program: 'etcd' | 'kube-apiserver', whileDown?: () => Promise<void>): Promise<void>;
  /** Sends a program a signal, such as SIGSTOP and SIGCONT. */
  signal(program: 'etcd' | 'kube-apiserver', signal: NodeJS.Signals): void;
  /** Kills the three processes, by their pids, and removes their folder. */
  stop(): Promise<void>;
}

/** ControlPlaneOptions are what cases vary. */
export interface ControlPlaneOptions {
  /** `--use-service-account-credentials`: decides which user deletes the objects of a dying namespace. */
  readonly serviceAccountCredentials?: boolean;
  /** The API server shows webhooks a certificate of this name, signed by `webhook-client-ca.crt` in its folder. */
  readonly webhookClient?: string;
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
`;

/** startControlPlane returns when the API server is ready and the `default` namespace has its ServiceAccount. */
export async function startControlPlane(
  programs: Record<Program, string>,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-e2e-'));
  const daemons = new Map<Program, Daemon>();
  const commands = new Map<Program, readonly string[]>();
  const start = (program: Program, args: readonly string[]): void => {
    commands.set(program, args);
    daemons.set(program, startDaemon(programs[program], args, join(folder, `${program}.log`)));
  };
  const stop = async (): Promise<void> => {
    for (const daemon of [...daemons.values()].toReversed()) await daemon.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const { serviceAccountCredentials = true, webhookClient } = options;
    const address = prepare(folder, port, programs.kubectl, serviceAccountCredentials);
    const admission = webhookClient === undefined ? [] : [showToWebhooks(folder, webhookClient)];
    const etcd = `http://127.0.0.1:${etcdPort}`;
    start('etcd', etcdFlags(folder, etcd, `http://127.0.0.1:${peerPort}`));
    start('kube-apiserver', [...apiServerFlags(folder, etcd, port), ...admission]);
    await untilReady(address, daemons);
    start('kube-controller-manager', controllerManagerFlags(folder, address, serviceAccountCredentials));
    const kubectl = createKubectl(programs.kubectl, address.kubeconfig, folder);
    await until('the ServiceAccount of namespace default', async () => {
      return (await kubectl(['get', 'serviceaccount', 'default'])).status === 0 ? true : undefined;
    });
    return {
      address,
      stop,
      signal: (program, signal) => daemons.get(program)?.signal(signal),
      restart: async (program, whileDown) => {
        await daemons.get(program)?.stop('SIGKILL');
        await whileDown?.();
        start(program, commands.get(program) ?? []);
        await untilReady(address, daemons);
      },
    };
  } catch (error) {
    const logs = [...daemons.values()].map((daemon) => daemon.output().slice(-2_000)).join('\n');
    await stop();
    throw new Error(`the control plane did not start:\n${logs}`, { cause: error });
  }
}

/** prepare makes the certificates and files that the programs read. */
function prepare(
  folder: string,
  port: number,
  kubectl: string,
  serviceAccountCredentials: boolean,
): ControlPlaneAddress {
  const authority = createAuthority(folder, 'cluster-ca');
  authority.issue('apiserver', {
    commonName: 'kube-apiserver',
    names: ['DNS:localhost', 'DNS:kubernetes.default.svc', 'IP:127.0.0.1', 'IP:10.43.0.1'],
  });
  const admin = authority.issue('admin', { commonName: 'admin', organizations: ['system:masters'] });
  // With ServiceAccounts of their own its controllers need no rights here; without, it must be allowed everything itself.
  const organizations = serviceAccountCredentials ? [] : ['system:masters'];
  const manager = authority.issue('controller-manager', {
    commonName: 'system:kube-controller-manager',
    organizations,
  });
  execFileSync('openssl', ['genrsa', '-out', join(folder, 'service-account.key'), '2048'], { stdio: 'pipe' });
  writeFileSync(join(folder, 'audit-policy.yaml'), AUDIT_POLICY);
  mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
  const address: ControlPlaneAddress = {
    server: `https://127.0.0.1:${port}`,
    caFile: authority.certFile,
    admin,
    kubeconfig: join(folder, 'admin.kubeconfig'),
    auditLog: join(folder, 'audit.log'),
    kubectl,
    folder,
  };
  writeKubeconfig(address.kubeconfig, address, admin);
  writeKubeconfig(join(folder, 'controller-manager.kubeconfig'), address, manager);
  return address;
}

async function untilReady(address: ControlPlaneAddress, daemons: ReadonlyMap<Program, Daemon>): Promise<void> {
  const client = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  try {
    const ended = await until(
      'the API server to be ready',
      async () => {
        const gone = [...daemons].find(([, daemon]) => daemon.exitCode() !== undefined);
        if (gone !== undefined) return gone;
        return (await client.request('GET', '/readyz')).status === 200 ? 'none' : undefined;
      },
      60_000,
    );
    if (ended !== 'none') throw new Error(`${ended[0]} ended with status ${ended[1].exitCode()}`);
  } finally {
    await client.close();
  }
}
