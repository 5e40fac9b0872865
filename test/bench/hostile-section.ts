import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { loadConfiguration } from '../../src/config/load.ts';
import { HOSTILE_KINDS, hostileSpecs, worstVerdict } from './hostile-tenant.ts';
import { pinned, startServer } from './process.ts';
import type { Measure, Section } from './report.ts';
import { reviewOf } from './review.ts';
import { type Setting, serveArguments } from './setting.ts';
import { quantile } from './statistics.ts';

const execute = promisify(execFile);
const SEEDS = [1, 2, 3, 4];
const SECONDS = 5;
/** Requests a second of the tenant, and of everybody else. */
const [HOSTILE_RATE, ORDINARY_RATE] = [10, 100];
/** What the tenant may send at once instead. */
const BURST = 50;
/** Empty rules of one policy, which take the longest to read. */
const LARGEST = 500_000;

/** measureHostileTenants times the slowest verdict that a namespace full of policies can cost, and what others wait meanwhile. */
export async function measureHostileTenants(setting: Setting): Promise<Section> {
  const { settings } = await loadConfiguration(undefined);
  const verdicts = HOSTILE_KINDS.map((kind): Measure => {
    // The first one is for the compiler.
    const [, ...worst] = SEEDS.map((seed) => worstVerdict(kind, seed, settings));
    return { name: `slowest verdict: ${kind}`, value: Math.max(...worst), unit: 'ms', goal: { at: 'most', bound: 50 } };
  });
  return {
    name: 'hostile',
    how: `namespaces written by ${SEEDS.length - 1} seeds each, CPU time of one verdict; then ${HOSTILE_RATE} such reviews a second, evenly and ${BURST} at once, beside ${ORDINARY_RATE} of another namespace`,
    measures: [...verdicts, ...(await measureOthers(setting))],
  };
}

async function measureOthers(setting: Setting): Promise<readonly Measure[]> {
  const [kind = ''] = HOSTILE_KINDS;
  const specs = hostileSpecs(kind, 1).slice(0, -1);
  const server = await startServer(serveArguments(setting, writeManifests(setting, specs)));
  const bodyFile = join(setting.folder, 'hostile-review.json');
  writeFileSync(bodyFile, reviewOf(manifest('tunnel', specs.at(-1) ?? {})));
  const largest = join(setting.folder, 'largest-review.json');
  writeFileSync(
    largest,
    reviewOf(manifest('rules', { podSelector: {}, ingress: Array.from({ length: LARGEST }, () => ({})) })),
  );
  const beside = async (name: string, atOnce: number, body = bodyFile, rate = HOSTILE_RATE): Promise<Measure> => {
    const [latencies] = await Promise.all([
      drive(server.url, setting.bodyFile, ORDINARY_RATE, 1),
      drive(server.url, body, rate, atOnce),
    ]);
    return { name, value: quantile(latencies, 0.99), unit: 'ms', goal: { at: 'most', bound: 200 } };
  };
  try {
    return [
      await beside("another tenant's admission meanwhile, p99", 1),
      await beside(`another tenant's admission beside ${BURST} at once, p99`, BURST),
      await beside("another tenant's admission beside a review of 1.5 MB each second, p99", 1, largest, 1),
    ];
  } finally {
    await server.stop();
  }
}

function writeManifests(setting: Setting, specs: readonly object[]): string {
  const folder = join(setting.folder, 'hostile');
  mkdirSync(folder);
  for (const [i, spec] of specs.entries()) writeFileSync(join(folder, `${i}.yaml`), stringify(manifest(`p${i}`, spec)));
  return folder;
}

function manifest(name: string, spec: object) {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: 'tenant' }, spec };
}

async function drive(url: string, bodyFile: string, rate: number, atOnce: number): Promise<readonly number[]> {
  const driver = join(import.meta.dirname, 'drive-at-rate.ts');
  const [program, ...rest] = pinned('load', [
    process.execPath,
    driver,
    url,
    bodyFile,
    `${rate}`,
    `${SECONDS}`,
    `${atOnce}`,
  ]);
  const { stdout } = await execute(program, rest, { maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}
