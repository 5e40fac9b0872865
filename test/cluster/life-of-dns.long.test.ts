import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { readdressDns } from './product/dns-plane.ts';
import { useProduct } from './product/fixture.ts';
import type { Listener } from './product/heard.ts';
import { demanded } from './product/install.ts';
import { leaksDuring, RESIDENT, untilAsEver } from './product/life.ts';
import { offerByAddress } from './product/offer.ts';
import { bringResidents, sendAway } from './product/residents.ts';
import { BASELINED, reachOf } from './product/tenant.ts';
import { record } from './report.ts';

const installed = useProduct();
let listener: Listener;

beforeAll(async () => {
  listener = await bringResidents(installed.cluster);
});
afterAll(async () => {
  await sendAway(installed.cluster);
  await listener.close();
});

const SHUT = { datagrams: 0, connections: 0 };

describe('cluster DNS', () => {
  it('is evicted from its node, and scheduled again once the node is back', async () => {
    const drain = ['drain', 'n1', '--pod-selector=k8s-app=kube-dns', '--timeout=60s'];
    const leaks = await leaksDuring(listener, async () => {
      await demanded(installed.cluster, drain);
      expect(await reachOf(installed.cluster, RESIDENT)).toEqual({
        ...BASELINED,
        dnsOverUdp: false,
        dnsOverTcp: false,
      });
      await demanded(installed.cluster, ['uncordon', 'n1']);
      const seconds = await untilAsEver(installed.cluster);
      record('life', {
        event: 'the DNS pods evicted, the node closed to pods and opened again',
        result: `no lookup in between; all as ever within ${seconds} s of the opening; nothing leaked`,
      });
    });
    expect(leaks).toEqual(SHUT);
  });

  it('has another Service address: netpol-guard knows it, and the old one no longer', async () => {
    const next = '10.96.0.53';
    const known = async (address: string) =>
      (await offerByAddress(installed.cluster, address)).includes('dns-depends-on-cni');
    expect([await known(installed.cluster.clusterDns), await known(next)]).toEqual([true, false]);
    const leaks = await leaksDuring(listener, async () => {
      await readdressDns(installed.cluster, next);
      const seconds = await untilAsEver(installed.cluster, next);
      await until('netpol-guard to know the new address alone', async () =>
        (await known(next)) && !(await known(installed.cluster.clusterDns)) ? true : undefined,
      );
      expect(await reachOf(installed.cluster, RESIDENT)).toMatchObject({ dnsOverUdp: false, dnsOverTcp: false });
      record('life', {
        event: 'the DNS Service made anew with another address',
        result: `lookups at the new one within ${seconds} s, none at the old; a policy that names the one by address is judged as one that allows DNS, and the other no more`,
      });
      await readdressDns(installed.cluster, installed.cluster.clusterDns);
      await untilAsEver(installed.cluster);
    });
    expect(leaks).toEqual(SHUT);
  });
});
