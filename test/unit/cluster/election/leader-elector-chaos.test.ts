import { expect, test } from 'vitest';
import { LeaderElector } from '../../../../src/cluster/election/leader-elector.ts';
import { VirtualProcess, VirtualTime } from '../../../harness/virtual-time.ts';
import { TestLogger } from '../world.ts';
import { FakeLease, type Trip } from './fake-lease.ts';

/** A generator with a seed, so that a failure can be had again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Candidate is a replica whose work writes all the time. */
class Candidate {
  readonly process: VirtualProcess;
  readonly elector: LeaderElector;
  /** Terms whose signal has not fired. */
  leading = 0;

  constructor(time: VirtualTime, lease: FakeLease, random: () => number) {
    // Clocks that run apart by a fourth, where the ratio of lease and deadline bears a half.
    this.process = new VirtualProcess(time, { rate: 0.9 + random() * 0.22, epoch: random() * 4e12, random });
    const { process } = this;
    this.elector = new LeaderElector({
      client: lease.clientOf(process),
      namespace: 'guard',
      name: 'netpol-guard',
      identity: 'replica',
      clock: process,
      logger: new TestLogger(),
      lead: async (signal) => {
        this.leading += 1;
        signal.addEventListener('abort', () => {
          this.leading -= 1;
        });
        await process.sleep(1e9, signal);
        await process.sleep(random() * 3000, new AbortController().signal);
      },
    });
  }
}

/** Most requests are prompt; in bad times they are late, later than anybody waits, refused, or lost on either way. */
function tripOf(random: () => number, badness: number): Trip {
  const slow = random() < badness ? 12_000 : 300;
  const trip = { there: random() * slow, back: random() * slow };
  if (random() > badness) return trip;
  const fault = Math.floor(random() * 3);
  return fault === 0 ? { ...trip, refusal: 500 } : { ...trip, lost: fault === 1 ? 'there' : 'back' };
}

const GUARD = (candidate: Candidate) => candidate.elector.isLeader;
const SIGNAL = (candidate: Candidate) => candidate.leading > 0;

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

test.each([
  ...SEEDS.map((seed) => ({ seed, by: 'as its guard says', leads: GUARD })),
  ...SEEDS.map((seed) => ({ seed: seed + 100, by: 'as its signal says', leads: SIGNAL })),
])(
  'no two of three lead at once, $by, whatever goes wrong, and one does when it is over (seed $seed)',
  async (world) => {
    const random = chance(world.seed);
    const time = new VirtualTime();
    const lease = new FakeLease(time);
    const all: Candidate[] = [];
    const join = () => {
      const candidate = new Candidate(time, lease, random);
      all.push(candidate);
      return candidate;
    };
    const current = [join(), join(), join()];
    const leaders = () => all.filter((candidate) => !candidate.process.isStopped && world.leads(candidate));
    let most = 0;
    let terms = 0;
    let badness = 0;
    let last: Candidate | undefined;
    lease.trip = () => tripOf(random, badness);
    time.observe = () => {
      const found = leaders();
      most = Math.max(most, found.length);
      if (found[0] !== undefined && found[0] !== last) terms += 1;
      last = found[0] ?? last;
    };

    const befall = async (candidate: Candidate, what: number) => {
      if (what < 0.2) candidate.process.stop();
      else if (what < 0.5) await candidate.process.go(random() < 0.5);
      else if (what < 0.55) void candidate.elector.stop();
      else if (what < 0.65) candidate.process.epoch += (random() - 0.5) * 1e6;
      else if (what < 0.8) badness = random() < 0.5 ? 0 : random();
    };

    for (let round = 0; round < 150; round += 1) {
      const i = Math.floor(random() * current.length);
      const candidate = current[i] ?? join();
      const what = random();
      await befall(candidate, what);
      // Stopped for ever is killed.
      if (what > 0.5 && what < 0.58) {
        if (what >= 0.55) candidate.process.stop();
        current[i] = join();
      }
      await time.advance(random() * (random() < 0.1 ? 40_000 : 4000));
    }
    badness = 0;
    for (const candidate of current) await candidate.process.go();
    await time.advance(60_000);

    expect(most).toBe(1);
    expect(terms).toBeGreaterThan(1);
    expect(current.filter((candidate) => world.leads(candidate))).toHaveLength(1);
    const stopped = Promise.all(current.map((candidate) => candidate.elector.stop()));
    await time.advance(30_000);
    await stopped;
  },
);
