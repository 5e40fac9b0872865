import { join } from 'node:path';
import { drive, TOOL } from './load.ts';
import { type Server, startServer } from './process.ts';
import type { Section } from './report.ts';
import { type Setting, serveArguments, writePolicies } from './setting.ts';
import { median, ratioOf } from './statistics.ts';

/** Run is one server that is driven, and what each slice of a second came to. */
export interface Run {
  readonly server: Server;
  readonly perSecond: number[];
  readonly cpu: number[];
}

/** run is a server that has not been driven yet. */
export const run = (server: Server): Run => ({ server, perSecond: [], cpu: [] });

/** slice drives a server for some seconds, and writes down what they came to where it counts. */
export async function slice(
  setting: Setting,
  { server, perSecond, cpu }: Run,
  seconds: number,
  counts: boolean,
): Promise<void> {
  const before = server.cpu();
  const { requests, seconds: taken } = await drive(setting, server.url, seconds);
  if (!counts) return;
  perSecond.push(requests / taken);
  cpu.push((server.cpu() - before) / requests);
}

/** measureThroughput drives the bare server, the one that only parses and ours in turn, in slices of a second. */
export async function measureThroughput(setting: Setting): Promise<Section> {
  const baseline = join(import.meta.dirname, 'baseline-server.ts');
  const tls = [setting.certFile, setting.keyFile];
  const runs: Run[] = [];
  const start = async (args: readonly string[]): Promise<Run> => {
    const started = run(await startServer(args));
    runs.push(started);
    return started;
  };
  try {
    const bare = await start([baseline, 'bare', ...tls]);
    const parse = await start([baseline, 'parse', ...tls]);
    const one = await start(serveArguments(setting, writePolicies(setting, 1)));
    const many = await start(serveArguments(setting, writePolicies(setting, 10_000)));
    for (const each of runs) await slice(setting, each, 2, false);
    for (let n = 0; n < setting.slices; n += 1) for (const each of runs) await slice(setting, each, 1, true);
    return {
      name: 'throughput',
      how: `${setting.slices} interleaved slices of one second, ${TOOL}, 16 kept connections, a review of ${setting.body.length} bytes`,
      measures: [
        { name: 'bare node:https', value: median(bare.perSecond), unit: 'per second' },
        { name: 'Fastify that only parses', value: median(parse.perSecond), unit: 'per second' },
        { name: 'full verdict', value: median(one.perSecond), unit: 'per second' },
        { name: 'bare node:https', value: median(bare.cpu), unit: 'us CPU per request' },
        { name: 'Fastify that only parses', value: median(parse.cpu), unit: 'us CPU per request' },
        { name: 'full verdict', value: median(one.cpu), unit: 'us CPU per request' },
        {
          name: 'full verdict, requests per second against bare',
          value: ratioOf(one.perSecond, bare.perSecond),
          unit: 'x',
          goal: { at: 'least', bound: 0.55 },
        },
        {
          name: 'full verdict, CPU per request against parse-only',
          value: ratioOf(one.cpu, parse.cpu),
          unit: 'x',
          goal: { at: 'most', bound: 1.08 },
        },
        {
          name: 'verdict with 10,000 policies in the namespace against 1',
          value: ratioOf(many.cpu, one.cpu),
          unit: 'x',
          goal: { at: 'most', bound: 1.5 },
        },
        { name: 'memory with one policy, after load', value: one.server.rss() / 1024 ** 2, unit: 'MB RSS' },
      ],
    };
  } finally {
    for (const { server } of runs) await server.stop();
  }
}
