import { runSequence } from '../test/fuzz/tenant.ts';

/** Usage: npm run fuzz:tenant -- [COUNT] [SEED]. A hundred thousand sequences of writes; the seed of one repeats it. */
const [count = 100_000, first = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
/** Sequences between two lines that say how far it is. */
const TELL = 10_000;

console.log(`${count} sequences from seed ${first}`);
for (let i = 0; i < count; i += 1) {
  const faults = await runSequence(first + i);
  if (faults.length > 0) {
    console.error(`seed ${first + i}:\n${faults.join('\n')}`);
    process.exit(1);
  }
  if ((i + 1) % TELL === 0) console.log(`${i + 1} done`);
}
console.log(`${count} sequences, none got past`);
