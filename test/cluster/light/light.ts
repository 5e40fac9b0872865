import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../../programs/build.ts';
import { findPrograms } from '../../../programs/control-plane.ts';
import { type ApiClient, createApiClient } from '../../harness/api-client.ts';
import { startControlPlane } from '../../harness/control-plane.ts';
import { until } from '../../harness/until.ts';
import { kubeRouterFlags } from '../kube-router.ts';
import { bundleProbe } from '../probe/bundle.ts';
import { type Probe, startProbe } from '../probe/driver.ts';
import { type Enclosure, openEnclosure } from './enclosure.ts';
import { mortal } from './mortal.ts';
import { layNetwork, networkOf, OUTSIDE_NETWORK, resolverZone } from './network.ts';
import { createObjects } from './objects.ts';
import { ANSWERS, CLIENTS, DNS_PLACE, type DnsPort, NODE, type Place, SERVICE_RANGE } from './places.ts';
import { relay } from './relay.ts';
import { openSettling } from './settling.ts';

/** Light is the light form of the cluster: a control plane, kube-router, and network namespaces that stand for pods. */
export interface Light {
  readonly api: ApiClient;
  /** Where the DNS pod listens. */
  readonly dnsPort: DnsPort;
  /** The probe in the network namespace of a client. */
  probeOf(client: Place): Probe;
  /** A probe on the node itself, which may always reach the pods on it. */
  readonly node: Probe;
  /** Returns once everything written before is in force, for flows that began before as well. */
  settle(): Promise<void>;
  /** Ends all of it; nothing is left on the machine. */
  close(): Promise<void>;
}

/** openLight starts it, without policies; it takes some seconds once its programs are built. */
export async function openLight(dnsPort: DnsPort = 53): Promise<Light> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    const faults: unknown[] = [];
    for (const end of closers.toReversed())
      await Promise.resolve()
        .then(end)
        .catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw new AggregateError(faults, 'the light form did not end as it should');
  };
  try {
    return await open(dnsPort, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(dnsPort: DnsPort, closers: (() => Promise<void> | void)[], close: Light['close']): Promise<Light> {
  const programs = await findPrograms('current');
  const coredns = join(await build('coredns'), 'coredns');
  const kubeRouter = join(await build('kube-router'), 'kube-router');
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-light-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));

  const enclosure = await openEnclosure();
  closers.push(enclosure.close);
  await layNetwork(enclosure, dnsPort);
  const plane = await startControlPlane({
    ...programs,
    etcd: mortal(folder, 'etcd', programs.etcd),
    'kube-apiserver': mortal(folder, 'kube-apiserver', programs['kube-apiserver']),
    'kube-controller-manager': mortal(folder, 'kube-controller-manager', programs['kube-controller-manager']),
  });
  closers.push(plane.stop);
  const { address } = plane;
  const api = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  closers.push(api.close);
  await joinLoopbacks(enclosure, folder, Number(new URL(address.server).port), closers);
  await createObjects(api, dnsPort);

  const start = startIn(enclosure, folder);
  startResolver(start, folder, coredns, { who: 'cluster', network: networkOf(DNS_PLACE), port: dnsPort });
  startResolver(start, folder, coredns, { who: 'outside', network: OUTSIDE_NETWORK, port: 53 });
  const place = { nodeName: NODE.name, serviceRange: SERVICE_RANGE, metricsPort: 0 };
  start('kube-router', [kubeRouter, ...kubeRouterFlags({ kubeconfig: address.kubeconfig, ...place })]);
  const { node, probes } = await startProbes(enclosure, folder);
  closers.push(async () => void (await Promise.all([node, ...probes.values()].map((probe) => probe.close()))));

  const settling = await openSettling(api, () => enclosure.run(['iptables-save', '-t', 'filter']));
  const light: Light = {
    api,
    dnsPort,
    node,
    close,
    probeOf: (client) => {
      const probe = probes.get(client);
      if (probe === undefined) throw new Error(`${client.namespace}/${client.name}: no client`);
      return probe;
    },
    settle: async () => {
      await settling.settle().catch((cause: unknown) => {
        const log = readFileSync(join(folder, 'kube-router.log'), 'utf8');
        throw new Error(`kube-router said last:\n${log.slice(-2_000)}`, { cause });
      });
      // What conntrack knows is let through, and a new flow may have the port of one that it knows.
      await enclosure.run(['conntrack', '-F']);
    },
  };
  await light.settle();
  return light;
}

const INNER_RELAY = fileURLToPath(new URL('inner-relay.ts', import.meta.url));

/** The socket in the file system is the only way in. */
async function joinLoopbacks(
  enclosure: Enclosure,
  folder: string,
  port: number,
  closers: (() => Promise<void> | void)[],
): Promise<void> {
  const path = join(folder, 'api.sock');
  const outer = relay({ host: '127.0.0.1', port }).listen(path);
  closers.push(() => void outer.close());
  const inner = enclosure.spawn([process.execPath, INNER_RELAY, path, String(port)]);
  let said = '';
  for (const stream of [inner.stdout, inner.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  await until("the API server's port in the enclosure", () => (said === 'listening\n' ? true : undefined));
}

type Start = (name: string, argv: readonly string[]) => void;

function startIn(enclosure: Enclosure, folder: string): Start {
  return (name, argv) => {
    const log = join(folder, `${name}.log`);
    enclosure.spawn(['sh', '-c', `exec "$@" >${log} 2>&1`, name, ...argv]).on('error', () => undefined);
  };
}

interface Resolver {
  readonly who: keyof typeof ANSWERS;
  readonly network: string;
  readonly port: DnsPort;
}

function startResolver(start: Start, folder: string, coredns: string, { who, network, port }: Resolver): void {
  const file = join(folder, `Corefile.${who}`);
  writeFileSync(file, resolverZone(ANSWERS[who], port));
  start(who, ['ip', 'netns', 'exec', network, coredns, '-conf', file]);
}

async function startProbes(enclosure: Enclosure, folder: string) {
  const file = join(folder, 'probe.mjs');
  await bundleProbe(file);
  const start = (...before: readonly string[]) => startProbe(enclosure.spawn([...before, process.execPath, file]));
  const probes = new Map(CLIENTS.map((client) => [client, start('ip', 'netns', 'exec', networkOf(client))]));
  return { node: start(), probes };
}
