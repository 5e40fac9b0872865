import { setTimeout as wait } from 'node:timers/promises';
import { Client } from '../../../../src/cluster/api/client.ts';
import { CONFIG_MAPS } from '../../../../src/cluster/api/resource.ts';
import { LeaderElector } from '../../../../src/cluster/election/leader-elector.ts';
import type { Clock } from '../../../../src/runtime/clock.ts';

/** A process that stands for election at the server of its first argument, says so, and writes all the time it leads. */
const tls = {};
const clock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => wait(Math.max(0, ms), undefined, { signal }).catch(() => undefined),
};
const client = new Client({
  credentials: {
    server: new URL(process.argv[2] ?? ''),
    access: () => Promise.resolve({ headers: {}, tls }),
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
  leaseDurationMs: 600,
  renewDeadlineMs: 300,
  retryPeriodMs: 50,
  onChange: (isLeader) => console.log(isLeader ? 'leads' : 'does not lead'),
  lead: async (signal) => {
    const guarded = client.guardedBy(() => elector.assertCertain());
    while (!signal.aborted) {
      await guarded.update({ ...CONFIG_MAPS, namespace: 'guard' }, 'written', {}, { signal }).catch(nothing);
      await clock.sleep(1, signal);
    }
  },
});
