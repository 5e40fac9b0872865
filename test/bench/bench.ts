/**
 * Measures netpol-guard against its limits: `npm run bench [-- --quick --only SECTION --docs]`, or against another commit:
 * `npm run bench -- --against COMMIT [--quick --only SECTION --tolerance SHARE]`. Machines that others use too give figures
 * that are off by a factor of two; only ratios within one run mean something.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAdmission } from './admission.ts';
import { compare } from './against/compare.ts';
import { measureBaseline } from './baseline.ts';
import { measureEngine } from './engine.ts';
import { measureHostileTenants } from './hostile-section.ts';
import { measureKept } from './kept.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { isMet, machine, type Section, table } from './report.ts';
import { makeSetting } from './setting.ts';
import { measureStartup } from './startup.ts';
import { measureStrangers } from './strangers.ts';
import { measureThroughput } from './throughput.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    /** Puts the table into docs/performance.md. */
    docs: { type: 'boolean', default: false },
    /** The commit that this checkout is compared with. */
    against: { type: 'string' },
    /** By how much a figure may differ and still be the same. */
    tolerance: { type: 'string', default: '0.1' },
  },
});
// What is cleaned up is cleaned up when the process exits.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
const setting = await makeSetting(values.quick ? 4 : 30);

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  engine: () => measureEngine(values.quick ? 100 : 500),
  throughput: () => measureThroughput(setting),
  latency: () => measureLatency(setting),
  startup: () => measureStartup(setting),
  memory: () => measureMemory(setting),
  kept: measureKept,
  admission: () => measureAdmission(setting),
  strangers: () => measureStrangers(setting),
  baseline: () => measureBaseline(setting),
  hostile: () => measureHostileTenants(setting),
};

const { only, against, tolerance } = values;
process.exitCode =
  against === undefined ? await measureAll() : await compare(setting, { against, only, tolerance: Number(tolerance) });

/** measureAll measures this checkout alone, and returns the exit status. */
async function measureAll(): Promise<number> {
  const names = only === undefined ? Object.keys(SECTIONS) : [only];
  const done: Section[] = [];
  const failed: string[] = [];
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/build.ts')], { stdio: 'inherit' });
  for (const name of names) {
    const measure = SECTIONS[name];
    if (measure === undefined) throw new Error(`no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    console.log(`measuring ${name}`);
    try {
      done.push(await measure());
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const date = new Date().toISOString();
  const report = [
    `${date.slice(0, 10)}, on ${machine()}.`,
    '',
    table(done),
    '',
    ...done.map(({ name, how }) => `- ${name}: ${how}`),
  ];
  console.log(`\n${report.join('\n')}`);
  if (values.docs) writeDocs(report.join('\n'));
  for (const line of failed) console.error(`not measured: ${line}`);
  const missed = done.flatMap(({ measures }) => measures.filter((measure) => isMet(measure) === false));
  console.log(
    `${missed.length} goals missed${missed.length > 0 ? `: ${missed.map(({ name }) => name).join('; ')}` : ''}`,
  );
  const result = { date, machine: machine(), quick: values.quick, sections: done, failed };
  writeFileSync(join(import.meta.dirname, '../../bench-results.json'), `${JSON.stringify(result, null, 2)}\n`);
  return done.length === 0 || failed.length > 0 ? 1 : 0;
}

/** writeDocs replaces what was last measured, which is the end of its page. */
function writeDocs(measured: string) {
  const file = join(import.meta.dirname, '../../docs/performance.md');
  const heading = '## Last measured';
  const [before = ''] = readFileSync(file, 'utf8').split(heading);
  writeFileSync(file, `${before.trimEnd()}\n\n${heading}\n\n${measured}\n`);
}
