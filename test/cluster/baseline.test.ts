import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readAuditLog } from '../harness/audit-log.ts';
import { byNamespace, watchCreations } from '../harness/creations.ts';
import { createEnforcement, MARKER_NAMESPACE, markerPod } from './packets/enforcement.ts';
import { birthsOf, isBeforeBaseline } from './product/births.ts';
import { useProduct } from './product/fixture.ts';
import { type Gone, tellGone, whatWent } from './product/gone.ts';
import { type Heard, type Listener, startListener } from './product/heard.ts';
import { demanded } from './product/install.ts';
import { importTalkers } from './product/residents.ts';
import { talkers } from './product/talker.ts';
import { BASELINED, bringTenant, reachOf, UNPOLICED } from './product/tenant.ts';
import { bearWave, endWave, untilTalkedOn } from './product/wave.ts';
import { record } from './report.ts';

/** A kubelet holds 110 pods, so more namespaces than that come in waves. */
const [WAVES, EACH] = inject('form') === 'long' ? [4, 50] : [1, 20];

/** This one has no baseline, and is to be heard to the end: a listener that has gone deaf would hear nobody. */
const CONTROL = 'unpoliced-talker';

/** Datagrams until the next knock, however seldom a talker talks (talker.c). */
const A_KNOCK = 25;

const installed = useProduct();
let listener: Listener;
let settle: () => Promise<void>;

const applied = async (...items: readonly object[]) =>
  await demanded(installed.cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

beforeAll(async () => {
  const { cluster } = installed;
  await importTalkers(cluster);
  listener = await startListener(cluster);
  const labels = { 'netpol-guard.io/baseline': 'none' };
  await applied({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: MARKER_NAMESPACE, labels } });
  await applied(markerPod, ...talkers(CONTROL, listener.argv, 'none'));
  settle = createEnforcement(cluster);
});
afterAll(async () => {
  const namespaces = ['born', 'unpoliced', CONTROL, MARKER_NAMESPACE];
  await demanded(installed.cluster, ['delete', 'namespaces', ...namespaces, '--ignore-not-found']);
  await listener.close();
});

describe('a namespace that is made together with its Deployment, in one kubectl apply', () => {
  it('has pods that resolve names of the cluster over UDP and TCP, and reach nothing outside', async () => {
    await bringTenant(installed.cluster, 'born');
    await bringTenant(installed.cluster, 'unpoliced', 'none');
    await settle();

    expect(await reachOf(installed.cluster, 'unpoliced')).toEqual(UNPOLICED);
    expect(await reachOf(installed.cluster, 'born')).toEqual(BASELINED);
    record('baseline', {
      what: 'a namespace and its Deployment in one `kubectl apply`',
      value:
        'its pod resolves over UDP and TCP; outside ports 53 (UDP, TCP), 853, 443 and 8080 are shut, and open to a pod without a baseline',
    });
  });

  it(`has no pod that was stored before its baseline, nor one that is heard outside for long: ${WAVES * EACH} of them`, async () => {
    const watched = await Promise.all(
      ['/apis/networking.k8s.io/v1/networkpolicies', '/api/v1/pods'].map((path) =>
        watchCreations(installed.cluster.api, path),
      ),
    );
    const names: string[] = [];
    const gone: Gone[] = [];
    for (let wave = 0; wave < WAVES; wave += 1) {
      const born = Array.from({ length: EACH }, (_, index) => `wave-${wave}-${index}`);
      await bearWave(installed.cluster, born, listener.argv);
      await settle();
      // A connection that was opened a moment before has said its line by then.
      await untilTalkedOn(installed.cluster, born, 2 * A_KNOCK);
      const before = await listener.heard();
      await untilTalkedOn(installed.cluster, [...born, CONTROL], 2 * A_KNOCK);
      const after = await listener.heard();

      for (const how of ['datagram', 'knock', 'stream'] as const) {
        expect(after[how][CONTROL]?.count).toBeGreaterThan(before[how][CONTROL]?.count ?? 0);
      }
      for (const how of ['datagram', 'knock'] as const) {
        const counts = (heard: Heard) => born.map((name) => heard[how][name]?.count ?? 0);
        expect(counts(after)).toEqual(counts(before));
      }
      gone.push(...born.map((name) => whatWent(name, before, after)));
      names.push(...born);
      await endWave(installed.cluster, born);
    }
    tellGone(gone);

    const births = birthsOf(readAuditLog(installed.cluster.auditLog), names);
    expect([...births.values()].filter(({ pod }) => pod === undefined)).toEqual([]);
    expect([...births].filter(([, birth]) => isBeforeBaseline(birth))).toEqual([]);
    // What etcd says of the same: every write of a cluster has its revision.
    const [policies, pods] = watched.map(({ all }) => byNamespace(all));
    const revisions = names.map((name) => ({
      policies: policies?.get(name)?.map(({ revision }) => revision) ?? [],
      pod: pods?.get(name)?.[0]?.revision ?? 0,
    }));
    expect(
      revisions.filter((of) => of.policies.length !== 2 || of.policies.some((revision) => revision > of.pod)),
    ).toEqual([]);
    record('baseline', {
      what: `${names.length} namespaces, each with its Deployment in one \`kubectl apply\`, in waves of ${EACH}`,
      value:
        'no pod was stored before both policies of its namespace: neither by the audit log nor by etcd’s revisions',
    });
  });
});
