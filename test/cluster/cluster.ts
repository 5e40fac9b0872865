import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlaneAddress } from '../harness/address.ts';
import { type ApiClient, createApiClient } from '../harness/api-client.ts';
import { createKubectl, type Kubectl, type Result } from '../harness/kubectl.ts';
import { type Booting, importArchive, restartPart, type Tell } from './node/boot.ts';
import { describeAddress } from './node/credentials.ts';
import { endNode, removeCluster } from './node/ending.ts';
import { CLUSTER_DNS, chooseInstance, type Instance, OUTSIDE } from './node/instance.ts';
import { writeOwner } from './node/keeping.ts';
import { type Place, runIn, spawnIn } from './node/node-access.ts';
import type { Part } from './node/parts.ts';
import { identify } from './node/process-identity.ts';
import { findClusterPrograms } from './node/programs.ts';
import { raiseCluster, resumeCluster } from './node/raise.ts';
import { listObstacles, look, stateOf } from './node/vacancy.ts';

export { IMAGES } from './node/images.ts';

/** Cluster is a Kubernetes of one node that enforces network policies. */
export interface Cluster {
  readonly kubeconfig: string;
  /** The admin's. */
  readonly kubectl: Kubectl;
  /** The admin's. */
  readonly api: ApiClient;
  /** For `connect` and all else that works on a control plane. */
  readonly address: ControlPlaneAddress;
  /** One JSON event a line, level Metadata. */
  readonly auditLog: string;
  /**
   * A resolver out on the Internet: UDP and TCP 53, TCP 853 (DNS over TLS), TCP 443 (DNS over HTTPS) and TCP 8080 (HTTP,
   * `/health`). It answers every A question with 198.51.100.80. It answers to every other address outside of the cluster's
   * ranges too: 8.8.8.8, 1.1.1.1.
   */
  readonly outside: string;
  readonly clusterDns: string;
  /** The folder with a log file of each part, named after it. */
  readonly logs: string;
  /** Seconds from the start to what was reached, in order; the last is an answer of CoreDNS. */
  readonly times: Readonly<Record<string, number>>;
  /** Imports an archive as `docker save` writes it. */
  importImage(file: string): Promise<void>;
  /** Runs a program to its end in the namespaces of the node. */
  inNode(argv: readonly string[], stdin?: string): Promise<Result>;
  /** Starts a program in a place, with pipes for its three streams. It ends with the cluster. */
  spawn(place: Place, argv: readonly string[]): ChildProcess;
  /** Ends a part (SIGTERM if nothing is said), starts it again and waits until it answers. */
  restart(part: Part, options?: { readonly signal?: NodeJS.Signals; whileDown?(): Promise<void> }): Promise<void>;
  /** The power is cut: everything is killed at once, and its disk is kept. */
  stop(): Promise<void>;
  /** The power is back. Returns when the API server answers and the node's parts run; pods may still be starting. */
  start(): Promise<void>;
}

/** Opened is a cluster in the hands of a test. */
export interface Opened extends Cluster {
  /** Lets go of it; one that was started for this, ends. */
  close(): Promise<void>;
}

/**
 * openCluster attaches to the cluster that `npm run cluster` has started. Where there is none, it starts one, which ends on
 * `close` and with this process. `NETPOL_GUARD_CLUSTER_INSTANCE` chooses which.
 */
export async function openCluster(tell: Tell = () => undefined): Promise<Opened> {
  const instance = chooseInstance([], process.env);
  const findings = look(instance);
  const isOurs = stateOf(findings) === 'vacant';
  if (isOurs) {
    await raiseCluster(instance, tell);
    writeOwner(instance.folder, identify(process.pid));
  } else if (stateOf(findings) !== 'running') {
    throw new Error(listObstacles(instance, findings).join('\n'));
  }
  const cluster = await attach(instance, tell);
  return {
    ...cluster,
    close: async () => {
      await cluster.api.close();
      if (isOurs) await removeCluster(instance);
    },
  };
}

/** attach works on a cluster that runs, and leaves it. */
async function attach(instance: Instance, tell: Tell): Promise<Cluster> {
  const programs = await findClusterPrograms();
  const address = describeAddress(instance, programs.kubectl);
  const booting: Booting = { instance, programs, address };
  return {
    kubeconfig: address.kubeconfig,
    kubectl: createKubectl(address.kubectl, address.kubeconfig, address.folder),
    api: createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin),
    address,
    auditLog: address.auditLog,
    outside: OUTSIDE,
    clusterDns: CLUSTER_DNS,
    logs: join(instance.folder, 'logs'),
    times: JSON.parse(readFileSync(join(instance.folder, 'times.json'), 'utf8')),
    importImage: (file) => importArchive(instance, programs, file),
    inNode: (argv, stdin) => runIn(instance, 'node', argv, stdin),
    spawn: (place, argv) => spawnIn(instance, place, argv),
    restart: (part, options) => restartPart(booting, part, options),
    stop: () => endNode(instance),
    start: async () => {
      // It may outlive this process, which may be one of several of a test run, but not its owner.
      (await resumeCluster(instance, tell)).detach();
    },
  };
}
