import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { writeKubeconfig } from '../../harness/address.ts';
import { type Balancer, startBalancer } from '../../harness/balancer.ts';
import { type Daemon, freePort, startDaemon } from '../../harness/daemon.ts';
import { until } from '../../harness/until.ts';
import type { ChartCluster } from '../chart-cluster.ts';
import { RELEASE } from '../helm.ts';

/** Replica is a process of netpol-guard, run as the Deployment in the cluster says. */
export interface Replica {
  readonly name: string;
  readonly port: number;
  readonly process: Daemon;
  /** How many reviews it has answered. */
  asked(): Promise<number>;
}

/** Replicas are those of the release, behind the address that its webhook configurations name. */
export interface Replicas {
  readonly url: string;
  readonly running: readonly Replica[];
  /** Brings the configuration in the cluster to all of them, as the kubelet does. */
  mount(): Promise<void>;
  /** Starts one of a program, and calls it once it is ready. */
  add(program: string, name: string): Promise<Replica>;
  /** Lets one leave in good order: it is called no more, and is told to stop. */
  retire(replica: Replica): Promise<void>;
  stop(): Promise<void>;
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: FieldSource }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
}

interface FieldSource {
  readonly fieldRef: { readonly fieldPath: string };
}

/** Where the chart mounts the configuration. */
const MOUNT = '/etc/netpol-guard';

/** prepareReplicas begins with none. */
export async function prepareReplicas(cluster: ChartCluster): Promise<Replicas> {
  const balancer: Balancer = await startBalancer();
  const folder = mkdtempSync(join(cluster.address.folder, 'replicas-'));
  const running: Replica[] = [];
  const steer = () => balancer.steer(running.map(({ port }) => port));
  return {
    url: `https://127.0.0.1:${balancer.port}`,
    running,
    mount: async () => {
      const path = `/api/v1/namespaces/${RELEASE.namespace}/configmaps/${RELEASE.name}-config`;
      const { data } = await cluster.api.get<{ data: Readonly<Record<string, string>> }>(path);
      for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
    },
    add: async (program, name) => {
      const replica = await startReplica(cluster, folder, program, name);
      running.push(replica);
      steer();
      return replica;
    },
    retire: async (replica) => {
      running.splice(running.indexOf(replica), 1);
      steer();
      replica.process.signal('SIGTERM');
      // As the kubelet does, by the chart's terminationGracePeriodSeconds.
      const hasLeft = until(`${replica.name} to have left`, () => replica.process.exitCode(), 60_000);
      await hasLeft.catch(() => replica.process.stop('SIGKILL'));
    },
    stop: async () => {
      await Promise.all(running.map(({ process }) => process.stop('SIGKILL')));
      balancer.close();
    },
  };
}

/** Returns once its readiness probe succeeds. */
async function startReplica(cluster: ChartCluster, mounted: string, program: string, name: string): Promise<Replica> {
  const path = `/apis/apps/v1/namespaces/${RELEASE.namespace}/deployments/${RELEASE.name}`;
  const { spec } = await cluster.api.get<{ spec: { template: { spec: Pod } } }>(path);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const ports = new Map<string, number>();
  let args = container.args.map((arg) => arg.replace(MOUNT, mounted));
  for (const { name: port, containerPort } of container.ports) {
    const free = await freePort();
    ports.set(port, free);
    args = args.map((arg) => arg.replace(new RegExp(`=${containerPort}$`), `=${free}`));
  }
  const kubeconfig = await account(cluster, pod.serviceAccountName, name);
  const fields: Readonly<Record<string, string>> = {
    'metadata.namespace': RELEASE.namespace,
    'metadata.name': name,
    'spec.serviceAccountName': pod.serviceAccountName,
  };
  const given = container.env.map(({ name, value, valueFrom }) => [
    name,
    value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''],
  ]);
  const env = { PATH: process.env['PATH'], ...(Object.fromEntries(given) as NodeJS.ProcessEnv) };
  const file = join(program, 'dist', 'netpol-guard.js');
  const log = join(mounted, `${name}.log`);
  const daemon = startDaemon(process.execPath, [file, ...args, `--kubeconfig=${kubeconfig}`], log, env);
  const { httpGet } = container.readinessProbe;
  const probe = `http://127.0.0.1:${ports.get(httpGet.port)}${httpGet.path}`;
  await until(
    `${name} to be ready`,
    async () => {
      if (daemon.exitCode() !== undefined) return true;
      const { statusCode, body } = await request(probe);
      await body.dump();
      return statusCode === 200 ? true : undefined;
    },
    60_000,
  ).catch(async (error: unknown) => {
    await daemon.stop('SIGKILL');
    throw new Error(`${name} is not ready:\n${daemon.output().slice(-4_000)}`, { cause: error });
  });
  if (daemon.exitCode() !== undefined) throw new Error(`${name} has ended:\n${daemon.output().slice(-4_000)}`);
  return {
    name,
    port: ports.get('webhook') ?? 0,
    process: daemon,
    asked: async () => {
      const { body } = await request(`http://127.0.0.1:${ports.get('metrics')}/metrics`);
      // Whom nobody has asked has no such samples.
      const samples = (await body.text()).matchAll(/^netpol_guard_admission_requests_total\{.*\} (\d+)$/gm);
      return [...samples].reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
}

interface Pod {
  readonly serviceAccountName: string;
  readonly containers: readonly [Container];
}

/** A kubeconfig for the account, with a token of the replica's own. */
async function account({ address, done }: ChartCluster, name: string, replica: string): Promise<string> {
  const folder = mkdtempSync(join(address.folder, `${replica}-`));
  const { stdout } = await done(['create', 'token', name, '-n', RELEASE.namespace, '--duration=2h']);
  const [tokenFile, kubeconfig] = [join(folder, 'token'), join(folder, 'kubeconfig')];
  writeFileSync(tokenFile, stdout.trim(), { mode: 0o600 });
  writeKubeconfig(kubeconfig, address, { tokenFile });
  return kubeconfig;
}
