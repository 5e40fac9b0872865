import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { demandRights, readAuditLog } from '../e2e/harness/audit-log.ts';
import { OURSELVES } from '../e2e/harness/release.ts';
import { until } from '../e2e/harness/until.ts';
import { type Opened, openCluster } from './cluster.ts';
import type { Part } from './node/parts.ts';
import { dnsPods, MOVED, moveDns, moveDnsBack, readdressDns, rolledOut } from './product/dns-plane.ts';
import { type Listener, startListener } from './product/heard.ts';
import { demanded, installProduct, removeProduct } from './product/install.ts';
import { leaksDuring, RESIDENT, UNPOLICED_ONE, untilAsEver } from './product/life.ts';
import { offerByAddress } from './product/offer.ts';
import { untilReadyAnew } from './product/pods.ts';
import { makeTalkerImage, talkers } from './product/talker.ts';
import { BASELINED, bringTenant, looksUp, reachOf } from './product/tenant.ts';
import { record } from './report/record.ts';

const PARTS: readonly Part[] =
  inject('form') === 'long'
    ? [
        'kubelet',
        'containerd',
        'kube-apiserver',
        'etcd',
        'kube-controller-manager',
        'kube-scheduler',
        'kube-proxy',
        'kube-router',
      ]
    : ['kubelet', 'containerd', 'kube-apiserver'];

let cluster: Opened;
let listener: Listener;

const applied = async (items: readonly object[]) =>
  await demanded(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

/** Nothing is left of what a pod could do in its first moments. */
const untilShut = async () => {
  await until(
    'the resident talker to be shut in',
    async () => {
      const { datagrams, connections } = await leaksDuring(listener, async () => undefined);
      return datagrams + connections === 0 ? true : undefined;
    },
    60_000,
  );
};

beforeAll(async () => {
  cluster = await openCluster();
  await installProduct(cluster);
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-talker-'));
  await cluster.importImage(await makeTalkerImage(folder));
  rmSync(folder, { recursive: true });
  listener = await startListener(cluster);
  await bringTenant(cluster, RESIDENT);
  await bringTenant(cluster, UNPOLICED_ONE, 'none');
  await applied([...talkers(RESIDENT, listener.argv), ...talkers(UNPOLICED_ONE, listener.argv, 'none')]);
  await until(
    'both talkers to be heard',
    async () => {
      const { datagram } = await listener.heard();
      return datagram[RESIDENT] !== undefined && datagram[UNPOLICED_ONE] !== undefined ? true : undefined;
    },
    60_000,
  );
  await untilShut();
  await untilAsEver(cluster);
});
afterAll(async () => {
  await demanded(cluster, ['delete', 'namespaces', RESIDENT, UNPOLICED_ONE, 'newcomer', '--ignore-not-found']);
  await listener.close();
  await removeProduct(cluster);
  demandRights(readAuditLog(cluster.auditLog), OURSELVES);
  await cluster.close();
});

const SHUT = { datagrams: 0, connections: 0 };

describe('cluster DNS', () => {
  it('has its pods replaced: they come back with other addresses', async () => {
    const before = await dnsPods(cluster);
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await demanded(cluster, ['delete', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns']);
      seconds = await untilAsEver(cluster);
    });
    await rolledOut(cluster);
    expect((await dnsPods(cluster)).filter((address) => before.includes(address))).toEqual([]);
    expect(leaks).toEqual(SHUT);
    record('life', {
      event: 'all DNS pods deleted',
      result: `new ones with other addresses; all as ever within ${seconds} s; nothing leaked`,
    });
  });

  it('is evicted from its node, and scheduled again once the node is back', async () => {
    const drain = ['drain', 'n1', '--pod-selector=k8s-app=kube-dns', '--timeout=60s'];
    const leaks = await leaksDuring(listener, async () => {
      await demanded(cluster, drain);
      expect(await reachOf(cluster, RESIDENT)).toEqual({ ...BASELINED, dnsOverUdp: false, dnsOverTcp: false });
      await demanded(cluster, ['uncordon', 'n1']);
      const seconds = await untilAsEver(cluster);
      record('life', {
        event: 'the DNS pods evicted, the node closed to pods and opened again',
        result: `no lookup in between; all as ever within ${seconds} s of the opening; nothing leaked`,
      });
    });
    expect(leaks).toEqual(SHUT);
  });

  it('has another Service address: netpol-guard knows it, and the old one no longer', async () => {
    const next = '10.96.0.53';
    const known = async (address: string) => (await offerByAddress(cluster, address)).includes('dns-depends-on-cni');
    expect([await known(cluster.clusterDns), await known(next)]).toEqual([true, false]);
    const leaks = await leaksDuring(listener, async () => {
      await readdressDns(cluster, next);
      const seconds = await untilAsEver(cluster, next);
      await until('netpol-guard to know the new address alone', async () =>
        (await known(next)) && !(await known(cluster.clusterDns)) ? true : undefined,
      );
      expect(await reachOf(cluster, RESIDENT)).toMatchObject({ dnsOverUdp: false, dnsOverTcp: false });
      record('life', {
        event: 'the DNS Service made anew with another address',
        result: `lookups at the new one within ${seconds} s, none at the old; a policy that names the one by address is judged as one that allows DNS, and the other no more`,
      });
      await readdressDns(cluster, cluster.clusterDns);
      await untilAsEver(cluster);
    });
    expect(leaks).toEqual(SHUT);
  });

  it('moves to pods with other labels, on another port: the carve-out follows', async () => {
    const [old = ''] = await dnsPods(cluster);
    expect(await looksUp(cluster, RESIDENT, old)).toBe(true);
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await moveDns(cluster);
      seconds = await untilAsEver(cluster);
    });
    expect(leaks).toEqual(SHUT);
    await bringTenant(cluster, 'newcomer');
    expect(await reachOf(cluster, 'newcomer')).toEqual(BASELINED);
    // Until every node has the ways to the new servers, those to the old ones stay open (src/baseline/lingering.ts).
    const isShut = async () => ((await looksUp(cluster, RESIDENT, old)) ? undefined : true);
    await until('the old pods to be out of reach', isShut, 90_000);
    expect(await looksUp(cluster, UNPOLICED_ONE, old)).toBe(true);
    record('life', {
      event: `the DNS Service leads to pods with other labels, on port ${MOVED.port}`,
      result: `all as ever within ${seconds} s: the carve-out allows these, and the old pods no more half a minute later; a new namespace gets the same`,
    });
    await moveDnsBack(cluster);
    await untilAsEver(cluster);
  });
});

describe.each(PARTS)('%s', (part) => {
  it('is restarted: all is as ever, and nothing leaks meanwhile', async () => {
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await cluster.restart(part);
      seconds = await untilAsEver(cluster);
    });
    expect(leaks).toEqual(SHUT);
    record('life', {
      event: `${part} restarted`,
      result: `all as ever ${seconds} s after it answered; nothing leaked`,
    });
  });
});

describe('the whole cluster', () => {
  it('loses its power and comes up by itself, with webhooks that fail closed', async () => {
    const entries = await demanded(cluster, ['get', 'validatingwebhookconfigurations', 'netpol-guard', '-o', 'yaml']);
    expect(entries).toContain('failurePolicy: Fail');
    await cluster.stop();
    const began = Date.now();
    await cluster.start();
    const seconds = () => Math.round((Date.now() - began) / 1000);
    const started = seconds();
    listener = await startListener(cluster);
    await untilReadyAnew(cluster, began);
    const ready = seconds();
    // Pods start anew, and with them what the network plugin lets them do in their first moments.
    await untilShut();
    await untilAsEver(cluster);
    record('life', {
      event: 'the power cut, and the whole cluster started again, `failurePolicy: Fail`',
      result: `API server and node after ${started} s, netpol-guard ready after ${ready} s, all as ever after ${seconds()} s; nobody lent a hand`,
    });
  });
});
