import { fuzz, openDoor } from '../test/fuzz/door.ts';

/** Usage: npm run fuzz -- [COUNT] [SEED]. A million mutated reviews by default; the seed of a run repeats it. */
const [count = 1_000_000, seed = Date.now() % 2 ** 32] = process.argv.slice(2).map(Number);
const ROUND = 10_000;
/** Rounds between two lines that say how far it is, and how much memory is taken. */
const TELL = 10;
/** One verdict takes microseconds, and a hostile one stops at its budget; on a busy machine this is still a hang. */
const HANG_MS = 3000;

const door = openDoor();
let longest = 0;
const total = new Map<string, number>();
for (let done = 0; done < count; done += ROUND) {
  const { answers, faults, slowest } = await fuzz(door, seed + done, Math.min(ROUND, count - done));
  longest = Math.max(longest, slowest.ms);
  for (const [kind, times] of answers) total.set(kind, (total.get(kind) ?? 0) + times);
  const hangs = slowest.ms > HANG_MS ? [{ problem: 'a hang', payload: slowest.payload }] : [];
  for (const { problem, payload } of [...faults, ...hangs]) {
    console.error(
      `seed ${seed + done}: ${problem}\n${payload.length > 4000 ? `${payload.slice(0, 4000)}…` : payload}\n`,
    );
  }
  if (faults.length + hangs.length > 0) process.exit(1);
  if (((done + ROUND) / ROUND) % TELL === 0) console.log(`${done + ROUND} done, ${memory()}`);
}
await door.app.close();
console.log(
  `${count} mutated reviews from seed ${seed}: ${[...total].map(([kind, times]) => `${kind}: ${times}`).join(', ')}`,
);
console.log(`slowest ${Math.round(longest)} ms, ${memory()} at the end`);

function memory(): string {
  const { rss, heapUsed } = process.memoryUsage();
  return `${Math.round(rss / 2 ** 20)} MiB resident, ${Math.round(heapUsed / 2 ** 20)} MiB in use`;
}
