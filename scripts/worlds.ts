import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { disagreement } from '../test/oracle/compare.ts';
import { Engine } from '../test/oracle/engine.ts';
import { planeWorld, shopWorld, sliceWorld, wayWorld } from '../test/oracle/generate.ts';
import type { World } from '../test/oracle/manifest.ts';

const { values } = parseArgs({
  options: {
    /** Worlds of an ordinary namespace; a fifth as many of each other kind are added. */
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: '20' },
  },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const deadline = Date.now() + Number(values.minutes) * 60_000;

/** search tries many worlds, and prints the smallest one on which the engine and brute force disagree. */
function search(name: string, worlds: fc.Arbitrary<World>, numRuns: number): boolean {
  const engine = new Engine();
  const result = fc.check(
    fc.property(worlds, (world) => {
      const report = disagreement(world, engine);
      if (report !== undefined) throw new Error(report);
    }),
    { numRuns, seed, interruptAfterTimeLimit: Math.max(1, deadline - Date.now()) },
  );
  const interrupted = result.interrupted ? `, stopped by the clock before ${numRuns}` : '';
  console.log(`${name}: ${result.numRuns} worlds with seed ${seed}${interrupted}`);
  if (result.failed && result.errorInstance instanceof Error) console.log(result.errorInstance.message);
  return !result.failed && !result.interrupted && result.numRuns === numRuns && numRuns > 0;
}

const agreed = [
  search('ordinary namespaces', shopWorld, runs),
  search('openings that add up', sliceWorld, Math.ceil(runs / 5)),
  search('ways to DNS', wayWorld, Math.ceil(runs / 5)),
  search('namespace of the DNS servers', planeWorld, Math.ceil(runs / 5)),
];
console.log(agreed.every(Boolean) ? 'the engine agrees with brute force in all of them' : 'no proof of agreement');
process.exitCode = agreed.every(Boolean) ? 0 : 1;
