import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import type { Listener } from './heard.ts';
import { offer } from './offer.ts';
import { BASELINED, type Reach, reachOf, UNPOLICED } from './tenant.ts';

/** RESIDENT is a namespace with a baseline, and UNPOLICED_ONE one without, both with a probe's pod and a talker. */
export const RESIDENT = 'resident';
export const UNPOLICED_ONE = 'unpoliced';

/** What is open to the resident, or was for a moment. */
interface Leaks {
  readonly datagrams: number;
  readonly connections: number;
}

/** leaksDuring counts what the listener outside hears of the resident while something is done; it hears the other one throughout. */
export async function leaksDuring(listener: Listener, doing: () => Promise<void>): Promise<Leaks> {
  const before = await listener.heard();
  await doing();
  const after = await until('the unpoliced talker to be heard', async () => {
    const heard = await listener.heard();
    const isHeard = (heard.knock[UNPOLICED_ONE]?.count ?? 0) > (before.knock[UNPOLICED_ONE]?.count ?? 0);
    return isHeard ? heard : undefined;
  });
  const more = (how: 'datagram' | 'knock') => (after[how][RESIDENT]?.count ?? 0) - (before[how][RESIDENT]?.count ?? 0);
  return { datagrams: more('datagram'), connections: more('knock') };
}

/**
 * untilAsEver waits until all is as it was before: the resident resolves over UDP and TCP and reaches nothing else, the
 * unpoliced one reaches everything, a bad policy is refused and a good one let in. Throws an Error at once where the
 * resident reaches what it must never reach. Returns the seconds that it took.
 */
export async function untilAsEver(cluster: Cluster, dns: string = cluster.clusterDns): Promise<number> {
  const began = Date.now();
  let last: object = {};
  const asEver = async () => {
    const [resident, unpoliced, bad, good] = await Promise.all([
      reachOf(cluster, RESIDENT, dns),
      reachOf(cluster, UNPOLICED_ONE, dns),
      offer(cluster, 'bad'),
      offer(cluster, 'good'),
    ]);
    last = { resident, unpoliced, bad, good };
    if (opened(resident).length > 0) return { leak: `${RESIDENT} has reached ${opened(resident).join(', ')}` };
    const isAsEver =
      equal(resident, BASELINED) &&
      equal(unpoliced, UNPOLICED) &&
      bad.stderr.includes('dns-open-to-anywhere') &&
      good.status === 0;
    return isAsEver ? {} : undefined;
  };
  const end: { leak?: string } = await until('all to be as ever', asEver, 180_000).catch((cause: unknown) => {
    throw new Error(`the last look: ${JSON.stringify(last)}`, { cause });
  });
  if (end.leak !== undefined) throw new Error(end.leak);
  return Math.round((Date.now() - began) / 100) / 10;
}

function opened(reach: Reach): readonly string[] {
  return Object.entries(reach)
    .filter(([what, isOpen]) => what.startsWith('outside') && isOpen)
    .map(([what]) => what);
}

function equal(found: Reach, wanted: Reach): boolean {
  return JSON.stringify(found) === JSON.stringify(wanted);
}
