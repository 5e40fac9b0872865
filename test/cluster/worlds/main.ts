/**
 * Random worlds alone, without the cluster and its tests: `npm run worlds:packets -- --count 1000 --seed 7`. Worlds on which
 * the engine, brute force and packets differ are printed, as manifests that can be applied anywhere. With `--port 5353` the
 * DNS servers listen where OpenShift's do.
 */
import { parseArgs } from 'node:util';
import { openLight } from '../light/light.ts';
import { runWorlds } from './run.ts';
import { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string' },
    port: { type: 'string', default: '53' },
  },
});
const count = Number(values.count);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const tally = new Tally();
const light = await openLight(values.port === '5353' ? 5353 : 53);
try {
  console.log(`${count} worlds of seed ${seed}, DNS servers on port ${light.dnsPort}`);
  await runWorlds(light, count, seed, tally);
} finally {
  await light.close();
}
for (const [what, times] of tally.counts()) console.log(`${what}: ${times}`);
for (const fault of tally.faults) console.log(`\n${fault}`);
const isProof = tally.faults.length === 0 && tally.of('agree') > 0;
console.log(isProof ? 'nothing is unexplained' : 'no proof of agreement; see the worlds above');
process.exitCode = isProof ? 0 : 1;
