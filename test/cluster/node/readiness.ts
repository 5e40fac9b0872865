import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { createApiClient } from '../../harness/api-client.ts';
import { until } from '../../harness/until.ts';
import type { Booting } from './boot.ts';
import { giveOrder } from './control.ts';
import { BUSYBOX } from './images.ts';
import { NODE_NAME, OUTSIDE } from './instance.ts';
import { runIn } from './node-access.ts';
import { CONTAINERD_CLIENT, type Part } from './parts.ts';

const TIMEOUT_MS = 120_000;

/**
 * untilAnswers returns once a part that was started at that moment, in milliseconds, or later does its work. Throws where it
 * ends instead.
 */
export async function untilAnswers(booting: Booting, part: Part, since: number): Promise<void> {
  const { folder } = booting.instance;
  const probe = async (): Promise<string | undefined> => {
    if (await answers(booting, part, since).catch(() => false)) return 'answers';
    const state = (await giveOrder(folder, { do: 'list' }))[part];
    return state === 'running' ? undefined : state;
  };
  const reached = await until(`${part} to answer; see ${folder}/logs/${part}.log`, probe, TIMEOUT_MS);
  if (reached !== 'answers') throw new Error(`${part} ${reached}:\n${lastWords(`${folder}/logs/${part}.log`)}`);
}

/** The log goes away with a cluster that did not come up. */
function lastWords(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}

async function answers(booting: Booting, part: Part, since: number): Promise<boolean> {
  const { instance, programs } = booting;
  switch (part) {
    case 'outside':
      return succeeds(booting, [BUSYBOX, 'wget', '-q', '-O', '-', `http://${OUTSIDE}:8080/health`]);
    case 'containerd':
      return succeeds(booting, [programs.ctr, ...CONTAINERD_CLIENT, 'plugins', 'list', '-q']);
    // The API server's answer holds etcd's.
    case 'etcd':
    case 'kube-apiserver':
      return isOk(`https://${instance.nodeAddress}:6443/readyz`);
    case 'kube-controller-manager':
      return isOk(`https://${instance.nodeAddress}:10257/healthz`);
    case 'kube-scheduler':
      return isOk(`https://${instance.nodeAddress}:10259/healthz`);
    case 'kubelet':
      return (await isOk(`http://${instance.nodeAddress}:10248/healthz`)) && isNodeReady(booting, since);
    case 'kube-proxy':
      return isOk(`http://${instance.nodeAddress}:10256/healthz`);
    case 'kube-router':
      return hasSynced(`http://${instance.nodeAddress}:20241/metrics`);
  }
}

async function succeeds({ instance }: Booting, argv: readonly string[]): Promise<boolean> {
  return (await runIn(instance, 'node', argv)).status === 0;
}

/** Controllers serve by certificates that they have signed themselves. */
async function isOk(url: string): Promise<boolean> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return statusCode === 200;
  } finally {
    await dispatcher.close();
  }
}

/** The histogram counts how often the rules of the firewall were written. */
async function hasSynced(url: string): Promise<boolean> {
  const { body } = await request(url);
  const [, count = '0'] = /^kube_router_controller_iptables_sync_time_count (\d+)/m.exec(await body.text()) ?? [];
  return Number(count) > 0;
}

interface Node {
  readonly metadata: { readonly creationTimestamp: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * After a restart the node is still called Ready from before. A Lease renewed since tells that the kubelet is back. The Lease
 * of a new node comes ten seconds late: the kubelet's first try is before it is registered (pkg/kubelet/util/nodelease.go).
 */
async function isNodeReady({ address }: Booting, since: number): Promise<boolean> {
  const client = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  try {
    const { metadata, status } = await client.get<Node>(`/api/v1/nodes/${NODE_NAME}`);
    if (!(status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')) return false;
    // Told to the second.
    if (Date.parse(metadata.creationTimestamp) >= since - 1_000) return true;
    const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${NODE_NAME}`;
    const { spec } = await client.get<{ spec: { renewTime: string } }>(lease);
    return Date.parse(spec.renewTime) > since;
  } finally {
    await client.close();
  }
}
