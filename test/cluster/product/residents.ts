import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import { type Listener, startListener } from './heard.ts';
import { demanded } from './install.ts';
import { leaksDuring, RESIDENT, UNPOLICED_ONE, untilAsEver } from './life.ts';
import { makeTalkerImage, talkers } from './talker.ts';
import { bringTenant } from './tenant.ts';

/** importTalkers brings the image of the talkers into a cluster. */
export async function importTalkers(cluster: Cluster): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-talker-'));
  await cluster.importImage(await makeTalkerImage(folder));
  rmSync(folder, { recursive: true });
}

/** bringResidents makes the namespaces that live through it all, and returns who hears their talkers once all is shut that shall be. */
export async function bringResidents(cluster: Cluster): Promise<Listener> {
  await importTalkers(cluster);
  const listener = await startListener(cluster);
  await bringTenant(cluster, RESIDENT);
  await bringTenant(cluster, UNPOLICED_ONE, 'none');
  const items = [...talkers(RESIDENT, listener.argv), ...talkers(UNPOLICED_ONE, listener.argv, 'none')];
  await demanded(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const isHeard = async () => {
    const { datagram } = await listener.heard();
    return datagram[RESIDENT] !== undefined && datagram[UNPOLICED_ONE] !== undefined ? true : undefined;
  };
  await until('both talkers to be heard', isHeard, 60_000);
  await untilShut(listener);
  await untilAsEver(cluster);
  return listener;
}

/** sendAway takes the residents away, and others that a test has brought. */
export async function sendAway(cluster: Cluster, ...others: readonly string[]): Promise<void> {
  await demanded(cluster, ['delete', 'namespaces', RESIDENT, UNPOLICED_ONE, ...others, '--ignore-not-found']);
}

/** untilShut waits until nothing is left of what a pod could do in its first moments. */
export async function untilShut(listener: Listener): Promise<void> {
  const isShut = async () => {
    const { datagrams, connections } = await leaksDuring(listener, async () => undefined);
    return datagrams + connections === 0 ? true : undefined;
  };
  await until('the resident talker to be shut in', isShut, 60_000);
}
