import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../harness/connected.ts';
import { until } from '../harness/until.ts';
import { IMAGES, type Opened, openCluster } from './cluster.ts';
import type { Probe } from './probe/driver.ts';
import { execProbe } from './probe/exec.ts';
import type { Transport } from './probe/operation.ts';
import { record } from './report.ts';

const DENY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'nothing-at-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp'];
const QUICK = { timeoutMs: 1_000, tries: 2 };

let cluster: Opened;

beforeAll(async () => {
  cluster = await openCluster();
});

afterAll(async () => {
  await cluster.close();
});

/** A pod of the Node image in a namespace of its own, and a probe in it. */
async function startPod(): Promise<{ readonly namespace: string; readonly probe: Probe }> {
  const connected = connect(cluster.address);
  try {
    const namespace = await connected.namespace();
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'client' },
      spec: {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [{ name: 'main', image: IMAGES.node, args: ['-e', 'setInterval(() => undefined, 60_000)'] }],
      },
    };
    const applied = await connected.apply(namespace, [pod]);
    expect(applied).toMatchObject({ status: 0 });
    const ready = ['wait', '--for=condition=Ready', 'pod/client', '-n', namespace, '--timeout=60s'];
    expect(await connected.kubectl(ready)).toMatchObject({ status: 0 });
    return { namespace, probe: execProbe(cluster.address, namespace, 'client') };
  } finally {
    await connected.close();
  }
}

const askDns = (probe: Probe, server: string, protocol: Transport) =>
  probe.ask('lookup', { server, protocol, name: 'kubernetes.default.svc.cluster.local', ...QUICK });

describe('a pod of the cluster', () => {
  it('reaches DNS and the world without a policy, and neither under a default-deny, which leaves others alone', async () => {
    const [free, denied] = await Promise.all([startPod(), startPod()]);
    const reachesAll = async ({ probe }: { readonly probe: Probe }) => {
      for (const protocol of TRANSPORTS) {
        expect(await askDns(probe, cluster.clusterDns, protocol)).toEqual({
          outcome: 'answer',
          addresses: ['10.96.0.1'],
        });
        // Whoever answers out there answers everything: no name of the cluster's has that address.
        for (const server of [cluster.outside, '8.8.8.8']) {
          expect(await askDns(probe, server, protocol)).toEqual({ outcome: 'answer', addresses: ['198.51.100.80'] });
        }
      }
      for (const port of [443, 853, 8080]) {
        expect(await probe.ask('connect', { host: cluster.outside, port, timeoutMs: 1_000 })).toEqual({
          outcome: 'open',
        });
      }
    };
    await reachesAll(free);
    await reachesAll(denied);

    const applied = await cluster.kubectl(['apply', '-n', denied.namespace, '-f', '-'], {
      stdin: JSON.stringify(DENY),
    });
    expect(applied).toMatchObject({ status: 0 });
    await until('kube-router to enforce the policy', async () => {
      const { stdout } = await cluster.inNode(['iptables-save', '-t', 'filter']);
      return stdout.includes(`run through nw policy ${DENY.metadata.name}`) ? true : undefined;
    });
    const outcomes: string[] = [];
    for (const server of [cluster.clusterDns, cluster.outside, '8.8.8.8']) {
      for (const protocol of TRANSPORTS) outcomes.push((await askDns(denied.probe, server, protocol)).outcome);
    }
    outcomes.push((await denied.probe.ask('connect', { host: cluster.outside, port: 443, timeoutMs: 1_000 })).outcome);
    expect(outcomes.filter((outcome) => outcome !== 'timeout' && outcome !== 'refused')).toEqual([]);
    await reachesAll(free);

    await Promise.all([free, denied].map(({ probe }) => probe.close()));
    for (const { namespace } of [free, denied])
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('resolves names of the world through cluster DNS', async () => {
    const { probe, namespace } = await startPod();
    expect(await probe.ask('resolve', { name: 'example.org', timeoutMs: 5_000 })).toEqual({
      outcome: 'answer',
      addresses: ['198.51.100.80'],
    });
    await probe.close();
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('can send nothing out of the machine: the node knows no way there but to its own Internet', async () => {
    const { stdout } = await cluster.inNode(['ip', 'route', 'show', 'default']);
    expect(stdout.trim()).toBe(`default via ${cluster.outside} dev internet0`);
  });
});

describe('a part of the cluster', () => {
  const parts = ['kube-router', 'kube-proxy', 'containerd', 'kubelet'] as const;
  const slow = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'outside'] as const;

  it('runs again after it was killed, and pods live on', async () => {
    const { probe, namespace } = await startPod();
    await probe.close();
    for (const part of inject('form') === 'long' ? [...parts, ...slow] : parts) {
      await cluster.restart(part, { signal: 'SIGKILL' });
      // A probe is held by kubectl through the API server, the kubelet and containerd, so each time it is another.
      const next = await untilProbed(namespace);
      expect(await askDns(next, cluster.clusterDns, 'udp'), part).toMatchObject({ outcome: 'answer' });
      await next.close();
    }
    expect(await restartsOf(namespace)).toBe(0);
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('comes back with all others after the power is cut, and pods are started again', async () => {
    const { probe, namespace } = await startPod();
    await probe.close();
    await cluster.stop();
    await expect(cluster.inNode(['true'])).rejects.toThrow('does not run');
    const began = performance.now();
    await cluster.start();
    record('times', { what: 'the API server and the node, after the power was cut', time: seconds(began) });
    await until('the pod to be started again', async () => (await restartsOf(namespace)) === 1 || undefined, 120_000);
    const again = await untilProbed(namespace);
    await until(
      'cluster DNS to answer the pod',
      async () => {
        const { outcome } = await askDns(again, cluster.clusterDns, 'udp');
        return outcome === 'answer' ? true : undefined;
      },
      60_000,
    );
    record('times', { what: 'until its DNS answered a pod again', time: seconds(began) });
    await again.close();
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });
});

/** Returns a probe that has answered: `kubectl exec` fails for a moment while what it goes through is not back. */
async function untilProbed(namespace: string): Promise<Probe> {
  return until(
    'a probe in the pod',
    async () => {
      const probe = execProbe(cluster.address, namespace, 'client');
      await probe.ask('resolve', { name: 'localhost', timeoutMs: 5_000 });
      return probe;
    },
    120_000,
  );
}

async function restartsOf(namespace: string): Promise<number | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods/client`;
  interface Pod {
    readonly status: {
      readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
    };
  }
  const [container] = (await cluster.api.get<Pod>(path)).status.containerStatuses ?? [];
  return container?.ready === true ? container.restartCount : undefined;
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
