import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../../controlplane/binaries.ts';
import { type ControlPlaneAddress, writeKubeconfig } from './address.ts';
import { createApiClient } from './api-client.ts';
import { type Daemon, freePort, startDaemon } from './daemon.ts';
import { createKubectl } from './kubectl.ts';
import { createAuthority } from './pki.ts';
import { until } from './until.ts';

/** ControlPlane is etcd, kube-apiserver and kube-controller-manager of our own on loopback. */
export interface ControlPlane {
  readonly address: ControlPlaneAddress;
  /** Kills kube-apiserver and starts it again on the same port, with the same etcd. */
  restartApiServer(whileDown?: () => Promise<void>): Promise<void>;
  /** Sends the API server a signal, such as SIGSTOP and SIGCONT. */
  signalApiServer(signal: NodeJS.Signals): void;
  /** Kills the three processes, by their pids, and removes their folder. */
  stop(): Promise<void>;
}

/** ControlPlaneOptions are what cases vary. */
export interface ControlPlaneOptions {
  /** `--use-service-account-credentials`: decides which user deletes the objects of a dying namespace. */
  readonly serviceAccountCredentials?: boolean;
}

/** All the controllers that these tests need: namespaces are born complete and die completely. */
const CONTROLLERS = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
];

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: Metadata
`;

/** startControlPlane returns when the API server is ready and the `default` namespace has its ServiceAccount. */
export async function startControlPlane(
  programs: Record<Program, string>,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-e2e-'));
  const daemons: Daemon[] = [];
  const start = (program: Program, args: readonly string[]): Daemon => {
    const daemon = startDaemon(programs[program], args, join(folder, `${program}.log`));
    daemons.push(daemon);
    return daemon;
  };
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const { serviceAccountCredentials = true } = options;
    const address = prepare(folder, port, programs.kubectl, serviceAccountCredentials);
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    start('etcd', [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
    ]);
    const startApiServer = (): Daemon => start('kube-apiserver', apiServerFlags(folder, etcd, port));
    let apiServer = startApiServer();
    await untilReady(address, apiServer);
    start('kube-controller-manager', controllerManagerFlags(folder, address, serviceAccountCredentials));
    const kubectl = createKubectl(programs.kubectl, address.kubeconfig, folder);
    await until('the ServiceAccount of namespace default', async () => {
      return (await kubectl(['get', 'serviceaccount', 'default'])).status === 0 ? true : undefined;
    });
    return {
      address,
      stop,
      signalApiServer: (signal) => apiServer.signal(signal),
      restartApiServer: async (whileDown) => {
        await apiServer.stop('SIGKILL');
        daemons.splice(daemons.indexOf(apiServer), 1);
        await whileDown?.();
        apiServer = startApiServer();
        await untilReady(address, apiServer);
      },
    };
  } catch (error) {
    const logs = daemons.map((daemon) => daemon.output().slice(-2_000)).join('\n');
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

function apiServerFlags(folder: string, etcd: string, port: number): string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    // Stands in the endpoints of the `kubernetes` Service, where loopback is refused. Nobody dials it.
    '--advertise-address=10.99.0.2',
    `--cert-dir=${folder}`,
    `--tls-cert-file=${join(folder, 'apiserver.crt')}`,
    `--tls-private-key-file=${join(folder, 'apiserver.key')}`,
    `--client-ca-file=${join(folder, 'cluster-ca.crt')}`,
    // K3s's range, so that its published policies mean here what they mean there.
    '--service-cluster-ip-range=10.43.0.0/16',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'service-account.key')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    `--audit-policy-file=${join(folder, 'audit-policy.yaml')}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    '--audit-log-mode=blocking-strict',
  ];
}

function controllerManagerFlags(
  folder: string,
  address: ControlPlaneAddress,
  serviceAccountCredentials: boolean,
): string[] {
  return [
    `--kubeconfig=${join(folder, 'controller-manager.kubeconfig')}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    `--use-service-account-credentials=${serviceAccountCredentials}`,
    `--service-account-private-key-file=${join(folder, 'service-account.key')}`,
    `--root-ca-file=${address.caFile}`,
    '--leader-elect=false',
    '--secure-port=0',
  ];
}

async function untilReady(address: ControlPlaneAddress, apiServer: Daemon): Promise<void> {
  const client = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  try {
    const state = await until(
      'the API server to be ready',
      async () => {
        if (apiServer.exitCode() !== undefined) return 'ended';
        return (await client.request('GET', '/readyz')).status === 200 ? 'ready' : undefined;
      },
      60_000,
    );
    if (state === 'ended') throw new Error(`kube-apiserver ended with status ${apiServer.exitCode()}`);
  } finally {
    await client.close();
  }
}
