import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { until } from '../harness/until.ts';
import type { Part } from './node/parts.ts';
import { dnsPods, MOVED, moveDns, moveDnsBack, rolledOut } from './product/dns-plane.ts';
import { useProduct } from './product/fixture.ts';
import { type Listener, startListener } from './product/heard.ts';
import { demanded } from './product/install.ts';
import { leaksDuring, RESIDENT, UNPOLICED_ONE, untilAsEver } from './product/life.ts';
import { untilReadyAnew } from './product/pods.ts';
import { bringResidents, sendAway, untilShut } from './product/residents.ts';
import { BASELINED, bringTenant, looksUp, reachOf } from './product/tenant.ts';
import { record } from './report.ts';

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

const installed = useProduct();
let listener: Listener;

beforeAll(async () => {
  listener = await bringResidents(installed.cluster);
});
afterAll(async () => {
  await sendAway(installed.cluster, 'newcomer');
  await listener.close();
});

const SHUT = { datagrams: 0, connections: 0 };

describe('cluster DNS', () => {
  it('has its pods replaced: they come back with other addresses', async () => {
    const before = await dnsPods(installed.cluster);
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await demanded(installed.cluster, ['delete', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns']);
      seconds = await untilAsEver(installed.cluster);
    });
    await rolledOut(installed.cluster);
    expect((await dnsPods(installed.cluster)).filter((address) => before.includes(address))).toEqual([]);
    expect(leaks).toEqual(SHUT);
    record('life', {
      event: 'all DNS pods deleted',
      result: `new ones with other addresses; all as ever within ${seconds} s; nothing leaked`,
    });
  });

  it('moves to pods with other labels, on another port: the carve-out follows', async () => {
    const [old = ''] = await dnsPods(installed.cluster);
    expect(await looksUp(installed.cluster, RESIDENT, old)).toBe(true);
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await moveDns(installed.cluster);
      seconds = await untilAsEver(installed.cluster);
    });
    expect(leaks).toEqual(SHUT);
    await bringTenant(installed.cluster, 'newcomer');
    expect(await reachOf(installed.cluster, 'newcomer')).toEqual(BASELINED);
    // Until every node has the ways to the new servers, those to the old ones stay open (src/controller/lingering.ts).
    const isShut = async () => ((await looksUp(installed.cluster, RESIDENT, old)) ? undefined : true);
    await until('the old pods to be out of reach', isShut, 90_000);
    expect(await looksUp(installed.cluster, UNPOLICED_ONE, old)).toBe(true);
    record('life', {
      event: `the DNS Service leads to pods with other labels, on port ${MOVED.port}`,
      result: `all as ever within ${seconds} s: the carve-out allows these, and the old pods no more half a minute later; a new namespace gets the same`,
    });
    await moveDnsBack(installed.cluster);
    await untilAsEver(installed.cluster);
  });
});

describe.each(PARTS)('%s', (part) => {
  it('is restarted: all is as ever, and nothing leaks meanwhile', async () => {
    let seconds = 0;
    const leaks = await leaksDuring(listener, async () => {
      await installed.cluster.restart(part);
      seconds = await untilAsEver(installed.cluster);
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
    const entries = await demanded(installed.cluster, [
      'get',
      'validatingwebhookconfigurations',
      'netpol-guard',
      '-o',
      'yaml',
    ]);
    expect(entries).toContain('failurePolicy: Fail');
    await installed.cluster.stop();
    const began = Date.now();
    await installed.cluster.start();
    const seconds = () => Math.round((Date.now() - began) / 1000);
    const started = seconds();
    listener = await startListener(installed.cluster);
    await untilReadyAnew(installed.cluster, began);
    const ready = seconds();
    // Pods start anew, and with them what the network plugin lets them do in their first moments.
    await untilShut(listener);
    await untilAsEver(installed.cluster);
    record('life', {
      event: 'the power cut, and the whole cluster started again, `failurePolicy: Fail`',
      result: `API server and node after ${started} s, netpol-guard ready after ${ready} s, all as ever after ${seconds()} s; nobody lent a hand`,
    });
  });
});
