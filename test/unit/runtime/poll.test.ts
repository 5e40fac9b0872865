import { describe, expect, test } from 'vitest';
import { every } from '../../../src/runtime/every.ts';
import { poll } from '../../../src/runtime/poll.ts';
import { VirtualClock } from '../../harness/virtual-time.ts';

describe('a task', () => {
  test('is done at every interval, and no more once it is stopped', async () => {
    const clock = new VirtualClock();
    const done: number[] = [];
    const stop = every(1000, () => done.push(clock.elapsed()), clock);
    await clock.advance(3500);
    stop();
    await clock.advance(5000);
    expect([done, clock.sleeping]).toEqual([[1000, 2000, 3000], 0]);
  });

  test('never overlaps with itself', async () => {
    const clock = new VirtualClock();
    const begun: number[] = [];
    const slow = async () => {
      begun.push(clock.elapsed());
      await clock.sleep(1500, new AbortController().signal);
    };
    const stop = every(1000, slow, clock);
    await clock.advance(6000);
    stop();
    expect(begun).toEqual([1000, 3500, 6000]);
  });
});

describe('what is polled', () => {
  /** Polls a value that the test sets, and writes down what is told of it. */
  function setUp() {
    const clock = new VirtualClock();
    const world = { value: 'a', isBroken: false, clock, told: [] as string[], stop: () => {} };
    const load = async () => {
      if (world.isBroken) throw new Error('broken');
      return world.value;
    };
    const observer = {
      changed: (value: string) => void world.told.push(value),
      failed: ({ message }: Error) => void world.told.push(message),
    };
    world.stop = poll({ load, isSame: (a, b) => a === b, first: 'a' }, observer, clock);
    return world;
  }

  test('is looked at every ten seconds, and told of where it is another', async () => {
    const world = setUp();
    await world.clock.advance(10_000);
    expect(world.told).toEqual([]);
    world.value = 'b';
    await world.clock.advance(9999);
    expect(world.told).toEqual([]);
    await world.clock.advance(30_000);
    expect(world.told).toEqual(['b']);
    world.stop();
  });

  test('that cannot be read is told of, and leaves the last good one for what to compare with', async () => {
    const world = setUp();
    world.isBroken = true;
    await world.clock.advance(10_000);
    world.isBroken = false;
    await world.clock.advance(10_000);
    world.value = 'b';
    await world.clock.advance(10_000);
    expect(world.told).toEqual(['broken', 'b']);
    world.stop();
  });

  test('is told of no more once it is stopped', async () => {
    const world = setUp();
    world.stop();
    world.value = 'b';
    await world.clock.advance(60_000);
    expect(world.told).toEqual([]);
  });
});
