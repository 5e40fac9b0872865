import { machine } from '../report.ts';
import type { Setting } from '../setting.ts';
import { buildHere, buildOf } from './builds.ts';
import { type Comparison, comparisonTable, conclusion, isWorse } from './comparison.ts';
import { compareEngine } from './engine.ts';
import { compareLint, compareStartup } from './programs.ts';
import { compareLatency, compareThroughput } from './servers.ts';

/** With fewer rounds chance alone would often make all of them agree. */
const FEWEST = 5;

/** CompareOptions say what is compared, and how much counts as the same. */
export interface CompareOptions {
  /** Any name of a commit. */
  readonly against: string;
  /** One section; all of them where it is undefined. */
  readonly only: string | undefined;
  /** 0.1 is a tenth. */
  readonly tolerance: number;
}

/**
 * compare measures this checkout and another commit by turns and prints each figure's verdict. Returns the exit status: 1
 * where a figure is worse or a section could not be compared.
 */
export async function compare(setting: Setting, { against, only, tolerance }: CompareOptions): Promise<number> {
  if (!(tolerance >= 0)) throw new Error('--tolerance: no share, such as 0.1');
  const before = await buildOf(against);
  const now = await buildHere();
  const contest = (share: number) => ({ before, now, rounds: Math.max(FEWEST, Math.ceil(setting.slices / share)) });
  const sections: Sections = {
    engine: () => compareEngine(contest(4)),
    throughput: () => compareThroughput(setting, contest(1)),
    latency: () => compareLatency(setting, contest(4)),
    startup: () => compareStartup(setting, contest(3)),
    lint: () => compareLint(setting, contest(3)),
  };
  const { done, failed } = await compareEach(sections, only === undefined ? Object.keys(sections) : [only]);
  console.log(`\nbefore: ${before.name}\nnow: ${now.name}\non ${machine()}\n\n${comparisonTable(done, tolerance)}\n`);
  for (const { name, unpaired } of done) {
    if (unpaired.length > 0) console.log(`${name}: measured of one of them alone: ${unpaired.join('; ')}`);
  }
  for (const line of failed) console.error(`not compared: ${line}`);
  console.log(conclusion(done, tolerance));
  return failed.length > 0 || isWorse(done, tolerance) ? 1 : 0;
}

type Sections = Readonly<Record<string, () => Promise<Comparison>>>;

/** One section that fails leaves the others. */
async function compareEach(sections: Sections, names: readonly string[]) {
  const done: Comparison[] = [];
  const failed: string[] = [];
  for (const name of names) {
    const section = sections[name];
    if (section === undefined) throw new Error(`no section ${name}; there are ${Object.keys(sections).join(', ')}`);
    console.log(`comparing ${name}`);
    try {
      const comparison = await section();
      if (comparison.figures.length === 0) throw new Error('the two have no figure in common');
      done.push(comparison);
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { done, failed };
}
