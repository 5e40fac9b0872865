import { join } from 'node:path';
import { latencies } from '../latency.ts';
import { type Server, startServer } from '../process.ts';
import { type Setting, serveArguments, writePolicies } from '../setting.ts';
import { quantile } from '../statistics.ts';
import { type Run, run, slice } from '../throughput.ts';
import type { Contest } from './builds.ts';
import type { Comparison } from './comparison.ts';
import type { Figure } from './figure.ts';

const BASELINE_SERVER = join(import.meta.dirname, '../baseline-server.ts');
const MANY = 10_000;

/** Driven is a server with its memory after each slice, in MB. */
interface Driven extends Run {
  readonly memory: number[];
}

/** compareThroughput drives the bare server and both builds by turns, in slices of a second. */
export async function compareThroughput(setting: Setting, { before, now, rounds }: Contest): Promise<Comparison> {
  const [few, crowded] = [writePolicies(setting, 1), writePolicies(setting, MANY)];
  return withServers(async (start) => {
    const driven = async (args: readonly string[]): Promise<Driven> => ({ ...run(await start(args)), memory: [] });
    const bare = await driven([BASELINE_SERVER, 'bare', setting.certFile, setting.keyFile]);
    const both = async (manifests: string) => ({
      before: await driven(serveArguments(setting, manifests, before.program)),
      now: await driven(serveArguments(setting, manifests, now.program)),
    });
    const [one, many] = [await both(few), await both(crowded)];
    const runs = [bare, one.before, one.now, many.before, many.now];
    for (const each of runs) await slice(setting, each, 2, false);
    for (let n = 0; n < rounds; n += 1) {
      for (const each of runs) {
        await slice(setting, each, 1, true);
        each.memory.push(each.server.rss() / 1024 ** 2);
      }
    }
    const crowd = `full verdict among ${MANY.toLocaleString('en')} policies`;
    const figures = [...figuresOf('full verdict', bare, one), ...figuresOf(crowd, bare, many)];
    return { name: 'throughput', figures, unpaired: [] };
  });
}

function figuresOf(name: string, bare: Driven, ours: Readonly<Record<'before' | 'now', Driven>>): readonly Figure[] {
  const of = (series: 'perSecond' | 'cpu' | 'memory') => ({
    name,
    ceiling: bare[series],
    before: ours.before[series],
    now: ours.now[series],
  });
  return [
    { ...of('perSecond'), unit: 'per second', better: 'more' },
    { ...of('cpu'), unit: 'us CPU per request', better: 'less' },
    { ...of('memory'), unit: 'MB RSS under load', better: 'less' },
  ];
}

/** compareLatency asks the bare server and both builds 500 times a second, by turns. */
export async function compareLatency(setting: Setting, { before, now, rounds }: Contest): Promise<Comparison> {
  const manifests = writePolicies(setting, 2);
  return withServers(async (start) => {
    const servers = {
      ceiling: await start([BASELINE_SERVER, 'bare', setting.certFile, setting.keyFile]),
      before: await start(serveArguments(setting, manifests, before.program)),
      now: await start(serveArguments(setting, manifests, now.program)),
    };
    const taken = { ceiling: [] as Latencies[], before: [] as Latencies[], now: [] as Latencies[] };
    for (let n = -1; n < rounds; n += 1) {
      for (const which of ['ceiling', 'before', 'now'] as const) {
        const slice = await latencies(setting, servers[which].url);
        if (n >= 0) taken[which].push(slice);
      }
    }
    const figure = (name: string, share: number): Figure => {
      const of = (slices: readonly Latencies[]) => slices.map((slice) => quantile(slice, share));
      const values = { ceiling: of(taken.ceiling), before: of(taken.before), now: of(taken.now) };
      return { name: `full verdict, ${name}`, unit: 'ms', better: 'less', ...values };
    };
    return { name: 'latency', figures: [figure('p50', 0.5), figure('p99', 0.99)], unpaired: [] };
  });
}

type Latencies = readonly number[];

/** withServers stops whatever `use` has started. */
async function withServers<T>(use: (start: (args: readonly string[]) => Promise<Server>) => Promise<T>): Promise<T> {
  const servers: Server[] = [];
  try {
    return await use(async (args) => {
      const server = await startServer(args);
      servers.push(server);
      return server;
    });
  } finally {
    for (const { stop } of servers) await stop();
  }
}
