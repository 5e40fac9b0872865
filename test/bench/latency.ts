import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinned, startServer } from './process.ts';
import type { Section } from './report.ts';
import { type Setting, serveArguments, writePolicies } from './setting.ts';
import { median, quantile, ratioOf } from './statistics.ts';

const execute = promisify(execFile);
const PER_SECOND = 500;
const SECONDS = 4;

/** latencies posts the review at a steady rate, and returns how long each answer took, in milliseconds. */
export async function latencies(setting: Setting, url: string): Promise<readonly number[]> {
  const driver = join(import.meta.dirname, 'drive-at-rate.ts');
  const args = [process.execPath, driver, url, setting.bodyFile, `${PER_SECOND}`, `${SECONDS}`];
  const [program, ...rest] = pinned('load', args);
  const { stdout } = await execute(program, rest, { maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}

/** measureLatency asks the bare server and ours 500 times a second, in turn. */
export async function measureLatency(setting: Setting): Promise<Section> {
  const baseline = join(import.meta.dirname, 'baseline-server.ts');
  const bare = await startServer([baseline, 'bare', setting.certFile, setting.keyFile]);
  const ours = await startServer(serveArguments(setting, writePolicies(setting, 2)));
  const measured = {
    bare: { p50: [] as number[], p99: [] as number[] },
    ours: { p50: [] as number[], p99: [] as number[] },
  };
  try {
    for (const { url } of [bare, ours]) await latencies(setting, url);
    for (let n = 0; n < Math.max(3, setting.slices / 4); n += 1) {
      for (const [name, { url }] of [['bare', bare] as const, ['ours', ours] as const]) {
        const slice = await latencies(setting, url);
        measured[name].p50.push(quantile(slice, 0.5));
        measured[name].p99.push(quantile(slice, 0.99));
      }
    }
  } finally {
    await bare.stop();
    await ours.stop();
  }
  return {
    name: 'latency',
    how: `${PER_SECOND} requests a second for ${SECONDS} s at a time, in turn; nobody waits for an answer before the next request`,
    measures: [
      { name: 'bare node:https, p50', value: median(measured.bare.p50), unit: 'ms' },
      { name: 'full verdict, p50', value: median(measured.ours.p50), unit: 'ms' },
      { name: 'bare node:https, p99', value: median(measured.bare.p99), unit: 'ms' },
      { name: 'full verdict, p99', value: median(measured.ours.p99), unit: 'ms' },
      {
        name: 'full verdict, p99 at 500 per second against bare',
        value: ratioOf(measured.ours.p99, measured.bare.p99),
        unit: 'x',
        goal: { at: 'most', bound: 2 },
      },
    ],
  };
}
