import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned, runToEnd } from '../process.ts';
import type { Measure, Section } from '../report.ts';
import type { Build, Contest } from './builds.ts';
import type { Comparison } from './comparison.ts';
import { pair } from './figure.ts';

/**
 * compareEngine lets each checkout run its own bench of the engine, since modules move from commit to commit and the
 * engine has no door through the program but with YAML or HTTP in front of it.
 */
export async function compareEngine({ before, now, rounds }: Contest): Promise<Comparison> {
  const measured = { before: [] as (readonly Measure[])[], now: [] as (readonly Measure[])[] };
  for (let n = 0; n < rounds; n += 1) {
    measured.before.push(await measuresOf(before));
    measured.now.push(await measuresOf(now));
  }
  return { name: 'engine', ...pair(measured.before, measured.now) };
}

async function measuresOf({ root }: Build): Promise<readonly Measure[]> {
  const bench = join(root, 'test/bench/bench.ts');
  const [program, ...args] = pinned('server', [process.execPath, bench, '--quick', '--only', 'engine']);
  await runToEnd(program, args, { cwd: root });
  const results: { sections: readonly Section[] } = JSON.parse(readFileSync(join(root, 'bench-results.json'), 'utf8'));
  return results.sections.flatMap(({ measures }) => measures);
}
