/**
 * Random worlds alone, without the cluster and its tests: `npm run worlds:packets -- --count 1000 --seed 7`. Worlds on which
 * the engine, brute force and packets differ are printed, as manifests that can be applied anywhere.
 */
import { parseArgs } from 'node:util';
import { openLight } from '../light/light.ts';
import { runWorlds } from './run.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '300' }, seed: { type: 'string' } } });
const count = Number(values.count);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const light = await openLight();
try {
  console.log(`${count} worlds of seed ${seed}`);
  const tally = await runWorlds(light, count, seed);
  for (const [what, times] of tally.counts()) console.log(`${what}: ${times}`);
  for (const fault of tally.faults) console.log(`\n${fault}`);
  const isProof = tally.faults.length === 0 && tally.of('agree') > 0;
  console.log(isProof ? 'nothing is unexplained' : `no proof of agreement; see the worlds above`);
  process.exitCode = isProof ? 0 : 1;
} finally {
  await light.close();
}
