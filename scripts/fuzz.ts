import { fuzz } from '../test/fuzz/door.ts';

/** Usage: npm run fuzz -- [COUNT] [SEED]. A million mutated reviews by default; the seed of a run repeats it. */
const [count = 1_000_000, seed = Date.now() % 2 ** 32] = process.argv.slice(2).map(Number);
const ROUND = 10_000;

let slowest = 0;
const total = new Map<string, number>();
for (let done = 0; done < count; done += ROUND) {
  const { answers, faults, slowestMs } = await fuzz(seed + done, Math.min(ROUND, count - done));
  slowest = Math.max(slowest, slowestMs);
  for (const [kind, times] of answers) total.set(kind, (total.get(kind) ?? 0) + times);
  for (const { problem, payload } of faults) {
    console.error(
      `seed ${seed + done}: ${problem}\n${payload.length > 4000 ? `${payload.slice(0, 4000)}…` : payload}\n`,
    );
  }
  if (faults.length > 0) process.exit(1);
}
console.log(
  `${count} mutated reviews from seed ${seed}: ${[...total].map(([kind, times]) => `${kind}: ${times}`).join(', ')}`,
);
console.log(
  `slowest ${Math.round(slowest)} ms, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident at the end`,
);
