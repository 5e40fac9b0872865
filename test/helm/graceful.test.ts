import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { RELEASE } from '../harness/release.ts';
import { type Admissions, startAdmissions } from './admissions/admissions.ts';
import { type Calls, startCalls } from './admissions/calls.ts';
import { expectNothingLost, lostRow } from './admissions/lost.ts';
import { findHelm, type Helm, merged, type Values } from './installed/helm.ts';
import { forbiddenReads } from './installed/metrics.ts';
import {
  clearAway,
  demanded,
  install,
  isReady,
  makeNamespace,
  replicas,
  untilJudged,
  untilLeft,
  upgrade,
} from './installed/release.ts';
import { followSecret } from './installed/rotations.ts';
import { UNTOUCHED, VALUE_GROUPS, type ValueGroup } from './installed/value-groups.ts';
import { record } from './report.ts';

const [previous, current, form] = [inject('previous'), inject('current'), inject('form')];
const RESTARTS = form === 'long' ? 100 : 5;
/** Groups of values that are changed by one upgrade. */
const AT_A_TIME = form === 'long' ? 1 : 10;

let cluster: Opened;
let helm: Helm;
let admissions: Admissions;
let calls: () => Promise<Calls>;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await demanded(install(helm, previous));
  await untilJudged(cluster);
});

afterAll(async () => {
  await clearAway(cluster, helm);
  await cluster.close();
});

beforeEach(async () => {
  calls = await startCalls(cluster.api);
  admissions = await startAdmissions(cluster.api);
});

/** Once the last replica that was replaced has left, nothing can be lost any more. */
async function proveNothingLost(what: string, mode: 'enforcing' | 'changing' = 'enforcing'): Promise<void> {
  await untilLeft(cluster);
  const counts = await admissions.stop();
  const counted = await calls();
  console.log(`${what}: ${JSON.stringify(lostRow(counts, counted))}, slowest ${Math.round(counts.slowestMs)} ms`);
  expectNothingLost(counts, counted, mode);
  record('graceful', { what, ...lostRow(counts, counted) });
}

test('from the version before to this one, back, and there again', async () => {
  await demanded(upgrade(helm, current));
  await untilLeft(cluster);
  await demanded(helm(['rollback', RELEASE.name, '1', '--namespace', RELEASE.namespace, '--wait']));
  expect((await replicas(cluster)).filter(isReady).map(imageOf)).toEqual(Array(3).fill(imageOf(previous)));
  await untilLeft(cluster);
  await demanded(upgrade(helm, current));
  expect((await replicas(cluster)).filter(isReady).map(imageOf)).toEqual(Array(3).fill(imageOf(current)));
  await proveNothingLost('upgrade, rollback, upgrade');
});

test('every group of values, one after another', async () => {
  expect(Object.keys(UNTOUCHED).concat(...VALUE_GROUPS.map(({ values }) => Object.keys(values)))).toEqual(
    expect.arrayContaining(Object.keys(parse(readFileSync(join(current.chart, 'values.yaml'), 'utf8')))),
  );
  let values: Values = {};
  for (const group of inParts(VALUE_GROUPS, AT_A_TIME)) {
    for (const change of group) values = merged(values, change.values);
    await demanded(upgrade(helm, current, values));
    await untilLeft(cluster);
    expect(await forbiddenReads(cluster)).toEqual([]);
  }
  await demanded(upgrade(helm, current));
  await proveNothingLost(`upgrades that change every group of values, ${AT_A_TIME} at a time`, 'changing');
});

test('restarted again and again, while certificates are renewed', async () => {
  await demanded(upgrade(helm, current, { tls: { selfSigned: { caDuration: '160s', certificateDuration: '40s' } } }));
  const seen = await followSecret(cluster);
  const deployment = [`deployment/${RELEASE.name}`, '--namespace', RELEASE.namespace];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    await demanded(cluster.kubectl(['rollout', 'restart', ...deployment]));
    await demanded(cluster.kubectl(['rollout', 'status', ...deployment, '--timeout=300s']));
  }
  const { authorities, certificates } = await seen.stop({ authorities: 1, certificates: 3 });
  await proveNothingLost(`${RESTARTS} rolling restarts; ${authorities} CAs and ${certificates} certificates meanwhile`);
});

function imageOf(
  of: { readonly tag: string } | { readonly spec: { readonly containers: readonly { image: string }[] } },
) {
  return 'tag' in of ? `localhost/netpol-guard:${of.tag}` : of.spec.containers[0]?.image;
}

function inParts(groups: readonly ValueGroup[], size: number): readonly (readonly ValueGroup[])[] {
  return Array.from({ length: Math.ceil(groups.length / size) }, (_, part) =>
    groups.slice(part * size, (part + 1) * size),
  );
}
