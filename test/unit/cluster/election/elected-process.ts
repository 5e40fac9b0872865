import { Client } from '../../../../src/cluster/api/client.ts';
import { CONFIG_MAPS } from '../../../../src/cluster/api/resource.ts';
import { LeaderElector } from '../../../../src/cluster/election/leader-elector.ts';
import { hurriedClock } from '../../../harness/clocks.ts';

/** A process that stands for election at the server of its first argument, says so, and writes all the time it leads. */
const tls = {};
/** The Lease lasts for 600 ms, and is to be renewed within 400. */
const clock = hurriedClock(25);
const client = new Client({
  credentials: {
    server: new URL(process.argv[2] ?? ''),
    access: () => Promise.resolve({ headers: {}, tls }),
    origin: 'a test',
    refused: () => undefined,
  },
  clock,
  userAgent: 'netpol-guard/test',
});
const nothing = () => undefined;
const elector: LeaderElector = new LeaderElector({
  client,
  namespace: 'guard',
  name: 'netpol-guard',
  identity: 'one',
  clock,
  logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  onChange: (isLeader) => console.log(isLeader ? 'leads' : 'does not lead'),
  lead: async (signal) => {
    const guarded = client.guardedBy(() => elector.assertCertain());
    while (!signal.aborted) {
      await guarded.update({ ...CONFIG_MAPS, namespace: 'guard' }, 'written', {}, { signal }).catch(nothing);
      await clock.sleep(25, signal);
    }
  },
});
