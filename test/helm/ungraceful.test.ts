import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { untilReadyAnew } from '../cluster/product/pods.ts';
import { until } from '../harness/until.ts';
import { CLIENTS, type Counts, type Fault, furnish, RATE, startAdmissions } from './admissions/admissions.ts';
import { offerEach } from './admissions/offers.ts';
import { type Endpoints, followEndpoints } from './installed/endpoints.ts';
import { findHelm, type Helm } from './installed/helm.ts';
import { metricsOf } from './installed/metrics.ts';
import { signalReplica } from './installed/process.ts';
import {
  clearAway,
  demanded,
  install,
  isReady,
  makeNamespace,
  type Replica,
  replicas,
  startReplicas,
  stopReplicas,
  untilJudged,
  upgrade,
} from './installed/release.ts';
import { record } from './report.ts';

/** Of values.yaml: the kubelet asks every three seconds, waits two, and takes a replica out after two failures. */
const READINESS = { periodMs: 3000, timeoutMs: 2000, threshold: 2 };
/** The webhooks' timeoutSeconds. */
const TIMEOUT_MS = 5000;
/** From a pod's status to the rules of the node: the controller of endpoints and kube-proxy, each of which gathers changes. */
const ROUTES_MS = 3000;
/**
 * A kubelet that starts takes containers for ready as before, if they are at least ten seconds older than itself
 * (kubeletRestartGracePeriod in pkg/kubelet/prober/prober_manager.go). Younger ones are unready until it has probed them.
 */
const KUBELET_GRACE_MS = 10_000;
/** startedAt says whole seconds. */
const WHOLE_SECONDS_MS = 1000;

const current = inject('current');
let cluster: Opened;
let helm: Helm;
let endpoints: Endpoints;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await furnish(cluster.api);
  await demanded(install(helm, current));
  await untilJudged(cluster);
  endpoints = await followEndpoints(cluster);
});

afterAll(async () => {
  await clearAway(cluster, helm);
  await cluster.close();
});

/** Asks for admissions while something happens, and for as long after it as it takes to be sure that it is over. */
async function during(happens: () => Promise<void>): Promise<Pick<Counts, 'total' | 'faults'>> {
  const admissions = await startAdmissions(cluster.api);
  await until('admissions to be judged', () => (admissions.sofar() > RATE ? true : undefined));
  expect(admissions.count().faults).toEqual([]);
  await happens();
  await until('enough of them', () => (admissions.sofar() >= 5 * RATE ? true : undefined), 60_000);
  const { total, faults } = await admissions.stop();
  // Who could not create a policy finds none to change: that is not lost a second time.
  const lost = faults.filter(({ reading }) => reading !== 'unexpected');
  expect(faults.filter(({ reading, answer }) => reading === 'unexpected' && !answer.startsWith('404'))).toEqual([]);
  return { total, faults: lost };
}

/** The API server keeps connections, so one replica may get most calls, and another none: the busiest has most to lose. */
async function busiest(): Promise<Replica> {
  const ready = (await replicas(cluster)).filter(isReady);
  const before = await Promise.all(ready.map(answered));
  return await until('a replica to be called again and again', async () => {
    const now = await Promise.all(ready.map(answered));
    return ready.find((_, at) => (now[at] ?? 0) - (before[at] ?? 0) >= RATE);
  });
}

/** How many requests a replica has judged, by its metrics. */
async function answered(replica: Replica): Promise<number> {
  const metrics = await metricsOf(cluster, replica);
  const samples = [...metrics.matchAll(/^netpol_guard_admission_requests_total\{.*\} (\d+)$/gm)];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

async function untilAllReady(): Promise<void> {
  const allReady = async () => ((await replicas(cluster)).filter(isReady).length === 3 ? true : undefined);
  await until('three replicas to be ready', allReady, 180_000);
}

/** Waits until a kubelet that starts from now on would take every replica for ready as before. */
async function untilSettled(): Promise<void> {
  const allSettled = async () => {
    const begun = (await replicas(cluster)).map(
      ({ status }) => status.containerStatuses?.[0]?.state.running?.startedAt,
    );
    return begun.every((at) => at !== undefined && Date.now() - Date.parse(at) > KUBELET_GRACE_MS + WHOLE_SECONDS_MS)
      ? true
      : undefined;
  };
  await until(`every replica to have run for ${KUBELET_GRACE_MS} ms`, allSettled, 60_000);
}

function lastOf(faults: readonly Fault[], from: number): number {
  return Math.max(0, ...faults.map(({ at }) => at.getTime() - from));
}

describe('one replica of three', () => {
  test('killed: lost is what it had in hand, and what was led to it until it was out', async () => {
    let killed = 0;
    let out = 0;
    const { faults, total } = await during(async () => {
      const victim = await busiest();
      killed = Date.now();
      await signalReplica(cluster, victim, 'KILL');
      out = await until('it to be taken out', () => endpoints.outSince(victim, killed), 60_000);
      await untilAllReady();
    });
    const outMs = out - killed;
    const bound = CLIENTS + Math.ceil((RATE * (outMs + ROUTES_MS)) / 1000);
    record('ungraceful', {
      what: 'a replica killed (SIGKILL)',
      lost: `${faults.length} of ${total}, the last after ${lastOf(faults, killed)} ms`,
      bound: `${bound}: ${CLIENTS} in hand, and those asked for until its endpoint was gone, after ${outMs} ms`,
    });
    expect(faults.length).toBeLessThanOrEqual(bound);
    expect(lastOf(faults, killed)).toBeLessThan(outMs + ROUTES_MS + TIMEOUT_MS);
  });

  test('hung: lost is what was led to it until the kubelet noticed', async () => {
    let hung = 0;
    let out = 0;
    const { faults, total } = await during(async () => {
      const victim = await busiest();
      hung = Date.now();
      await signalReplica(cluster, victim, 'STOP');
      out = await until('it to be taken out', () => endpoints.outSince(victim, hung), 60_000);
      // Longer than any call can hang, so that what is lost later would be seen.
      await until(
        'calls that hang to have ended',
        () => (Date.now() > out + 3 * TIMEOUT_MS ? true : undefined),
        60_000,
      );
      await signalReplica(cluster, victim, 'CONT');
      await untilAllReady();
    });
    const bound = READINESS.periodMs * READINESS.threshold + READINESS.timeoutMs + TIMEOUT_MS + ROUTES_MS;
    record('ungraceful', {
      what: 'a replica hung (SIGSTOP)',
      lost: `${faults.length} of ${total}, the last after ${lastOf(faults, hung)} ms`,
      bound: `${bound} ms: readiness fails (${READINESS.threshold} x ${READINESS.periodMs} ms, and ${READINESS.timeoutMs}), and the call's ${TIMEOUT_MS} ms; its endpoint was gone after ${out - hung} ms`,
    });
    expect(faults.length).toBeGreaterThan(0);
    expect(lastOf(faults, hung)).toBeLessThan(bound);
  });
});

describe('all replicas down', () => {
  const TIMES = 20;
  const admitted = { admitted: TIMES, failed: 0, other: [] };
  const refused = { admitted: 0, failed: TIMES, other: [] };
  const open = { deletion: admitted, systemPolicy: admitted, namespace: admitted, pod: admitted };

  test.each([
    { failurePolicy: 'Fail', expected: { ...open, policy: refused } },
    { failurePolicy: 'Ignore', expected: { ...open, policy: admitted } },
  ])('failurePolicy $failurePolicy: $expected.policy', async ({ failurePolicy, expected }) => {
    await demanded(upgrade(helm, current, { webhook: { policies: { failurePolicy } } }));
    await stopReplicas(cluster);
    const offered = await offerEach(cluster.api, TIMES).finally(() => startReplicas(cluster));
    expect(offered).toEqual(expected);
    await demanded(upgrade(helm, current));
    await untilJudged(cluster);
    record('ungraceful', {
      what: `all replicas down, policies: ${failurePolicy}`,
      lost: Object.entries(offered)
        .map(([name, { admitted, failed }]) => `${name}: ${admitted} admitted, ${failed} refused`)
        .join('; '),
      bound:
        'policies outside exempt namespaces as failurePolicy says; all else is let through; as ever once replicas are ready',
    });
  });
});

describe('the machine', () => {
  test.each(['kubelet', 'kube-proxy'] as const)('%s is restarted: nothing is lost', async (part) => {
    await untilSettled();
    const { faults, total } = await during(async () => {
      await cluster.restart(part);
      await untilAllReady();
    });
    record('ungraceful', { what: `${part} restarted`, lost: `${faults.length} of ${total}`, bound: '0' });
    expect(faults).toEqual([]);
  });

  test('loses its power: all comes back by itself, failing closed meanwhile', async () => {
    await cluster.stop();
    const began = Date.now();
    await cluster.start();
    await untilReadyAnew(cluster, began);
    await untilJudged(cluster);
    const { faults, total } = await during(async () => undefined);
    expect(faults).toEqual([]);
    record('ungraceful', {
      what: 'the whole cluster stopped and started',
      lost: `none of ${total} once all replicas were ready again, after ${Math.round((Date.now() - began) / 1000)} s`,
      bound: 'nobody lends a hand',
    });
  });
});
