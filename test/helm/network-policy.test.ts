import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { createEnforcement, MARKER_NAMESPACE, markerPod } from '../cluster/packets/enforcement.ts';
import type { Probe } from '../cluster/probe/driver.ts';
import { RELEASE } from '../harness/release.ts';
import { furnish } from './admissions/admissions.ts';
import { offerEach } from './admissions/offers.ts';
import { untilBaseline } from './installed/baseline.ts';
import { findHelm, type Helm } from './installed/helm.ts';
import { probeFrom, probeInReplica } from './installed/probes.ts';
import {
  clearAway,
  demanded,
  install,
  isReady,
  makeNamespace,
  type Replica,
  replicas,
  upgrade,
} from './installed/release.ts';
import { record } from './report.ts';

const NAMESPACES = ['other', 'monitoring', MARKER_NAMESPACE, 'born'];

let cluster: Opened;
let helm: Helm;
let other: Probe;
let monitoring: Probe;
let enforced: () => Promise<void>;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await furnish(cluster.api);
  await demanded(install(helm, inject('current')));
  [other, monitoring] = await Promise.all([probeFrom(cluster, 'other'), probeFrom(cluster, 'monitoring')]);
  const { namespace, name } = markerPod.metadata;
  const labels = { 'netpol-guard.io/baseline': 'none' };
  const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }, markerPod];
  await demanded(
    cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }),
  );
  await demanded(
    cluster.kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '-n', namespace ?? '', '--timeout=60s']),
  );
  enforced = createEnforcement(cluster);
});

afterAll(async () => {
  await Promise.all([other.close(), monitoring.close()]);
  await clearAway(cluster, helm);
  await demanded(cluster.kubectl(['delete', 'namespaces', ...NAMESPACES, '--ignore-not-found']));
  await cluster.close();
});

async function oneReady(): Promise<Replica> {
  const replica = (await replicas(cluster)).find(isReady);
  if (replica === undefined) throw new Error('no replica is ready');
  return replica;
}

/** A plugin may drop what it does not allow, or refuse it, as kube-router does; both were seen to be open before. */
function shutOr<Outcome extends string>(outcome: Outcome): Exclude<Outcome, 'timeout' | 'refused'> | 'shut' {
  return outcome === 'timeout' || outcome === 'refused' ? 'shut' : (outcome as Exclude<Outcome, 'timeout' | 'refused'>);
}

/** What can be reached, of a replica by others and of others by a replica. */
async function reachable() {
  const replica = await oneReady();
  const host = replica.status.podIP ?? '';
  const connect = async (probe: Probe, to: string, port: number) =>
    shutOr((await probe.ask('connect', { host: to, port, timeoutMs: 2000 })).outcome);
  const own = await probeInReplica(cluster, replica);
  try {
    return {
      webhookByOther: await connect(other, host, 10250),
      healthByOther: await connect(other, host, 8081),
      metricsByOther: await connect(other, host, 8080),
      metricsByMonitoring: await connect(monitoring, host, 8080),
      name: (await own.ask('resolve', { name: 'kubernetes.default.svc.cluster.local', timeoutMs: 5000 })).outcome,
      apiServer: await connect(own, 'kubernetes.default.svc.cluster.local', 443),
      outside: await connect(own, cluster.outside, 8080),
      otherResolver: shutOr(
        (await own.ask('lookup', { server: cluster.outside, protocol: 'udp', name: 'example.com', timeoutMs: 2000 }))
          .outcome,
      ),
    };
  } finally {
    await own.close();
  }
}

const WAYS = {
  webhookByOther: ['a pod of any namespace', "a replica's port 10250"],
  healthByOther: ['a pod of any namespace', "a replica's port 8081"],
  metricsByOther: ['a pod of any namespace', "a replica's port 8080"],
  metricsByMonitoring: ['a pod of the namespace in `metricsFrom`', "a replica's port 8080"],
  name: ['a replica', 'a lookup by cluster DNS'],
  apiServer: ['a replica', 'the API server'],
  outside: ['a replica', 'the Internet, port 8080'],
  otherResolver: ['a replica', 'a resolver on the Internet, UDP 53'],
} as const;

const ALL_OPEN = {
  webhookByOther: 'open',
  healthByOther: 'open',
  metricsByOther: 'open',
  metricsByMonitoring: 'open',
  name: 'answer',
  apiServer: 'open',
  outside: 'open',
  otherResolver: 'answer',
};

describe("the chart's own NetworkPolicy", () => {
  test('shuts the metrics for all, unless asked otherwise, and nothing else', async () => {
    await enforced();
    expect(await reachable()).toEqual({ ...ALL_OPEN, metricsByOther: 'shut', metricsByMonitoring: 'shut' });
  });

  test('can be switched off: everything is open', async () => {
    await demanded(upgrade(helm, inject('current'), { networkPolicy: { enabled: false } }));
    await enforced();
    expect(await reachable()).toEqual(ALL_OPEN);
  });

  test('leaves open what is needed, and nothing else, where the ways out are shut too', async () => {
    const { hostname } = new URL(cluster.address.server);
    const networkPolicy = {
      enabled: true,
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      egress: { enabled: true },
      apiServer: { to: [{ ipBlock: { cidr: `${hostname}/32` } }], ports: [6443] },
    };
    await demanded(upgrade(helm, inject('current'), { networkPolicy }));
    await enforced();
    const reached = await reachable();
    expect(reached).toEqual({ ...ALL_OPEN, metricsByOther: 'shut', outside: 'shut', otherResolver: 'shut' });
    for (const [way, [from, to]] of Object.entries(WAYS) as [keyof typeof WAYS, readonly [string, string]][]) {
      record('policy', { from, to, without: ALL_OPEN[way], with: reached[way] });
    }
  });

  test('lets replicas start, be called and lead', async () => {
    const target = [`deployment/${RELEASE.name}`, '-n', RELEASE.namespace];
    await demanded(cluster.kubectl(['rollout', 'restart', ...target]));
    await demanded(cluster.kubectl(['rollout', 'status', ...target, '--timeout=180s']));
    const offered = await offerEach(cluster.api, 5);
    expect(offered.policy).toEqual({ admitted: 5, failed: 0, other: [] });
    await untilBaseline(cluster);
  });
});
