import type { ChildProcess } from 'node:child_process';
import type { ControlPlaneAddress } from '../e2e/harness/address.ts';
import type { ApiClient } from '../e2e/harness/api-client.ts';
import type { Kubectl, Result } from '../e2e/harness/kubectl.ts';

/** Part is a program of the cluster that can be restarted. */
export type Part =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'kube-router'
  | 'outside';

/** IMAGES are in every cluster from its start; `imagePullPolicy: IfNotPresent` finds them. */
export const IMAGES = {
  pause: 'localhost/pause:1',
  coredns: 'localhost/coredns:1.14.2',
  /** Static, with a shell: `sleep`, `nslookup`, `wget`, `nc`. */
  busybox: 'docker.io/library/busybox:1.35',
  /** Node 24, with the probe at /probe.mjs; runs as user 65532. No shell. */
  node: 'localhost/node:24',
} as const;

/** Place is where a program runs: on the node, or out on the Internet. */
export type Place = 'node' | 'outside';

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
  /** Ends the cluster if openCluster has started it; else leaves it as it is. */
  close(): Promise<void>;
}
