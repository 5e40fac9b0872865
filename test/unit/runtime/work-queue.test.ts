import { describe, expect, test } from 'vitest';
import { type WorkOutcome, WorkQueue, type WorkQueueObserver } from '../../../src/runtime/work-queue.ts';
import { settled, VirtualClock } from '../../harness/virtual-time.ts';

const DONE: WorkOutcome = { kind: 'done' };

interface Setting {
  readonly concurrency?: number;
  readonly work?: (key: string, nth: number) => Promise<WorkOutcome> | WorkOutcome;
}

/** Work that writes down what is worked on and when, and by itself is done at once. */
function setUp({ concurrency = 8, work = () => DONE }: Setting = {}) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const errors: unknown[] = [];
  const seen = { added: 0, retried: 0, queued: [] as number[], worked: [] as number[] };
  const observer: WorkQueueObserver = {
    added: () => (seen.added += 1),
    retried: () => (seen.retried += 1),
    started: (seconds) => seen.queued.push(seconds),
    ended: (seconds) => seen.worked.push(seconds),
  };
  const counts = new Map<string, number>();
  const queue = new WorkQueue({
    work: async (key) => {
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      log.push(`${key}@${clock.elapsed()}`);
      return work(key, nth);
    },
    concurrency,
    clock,
    logger: { error: (fields) => errors.push(fields) },
    observer,
  });
  return { clock, log, errors, seen, queue };
}

/** A door that work waits at. */
function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('a key', () => {
  test('that is to be worked on as routine comes after all else', async () => {
    const { queue, log } = setUp({ concurrency: 1, work: (_, nth) => (nth === 1 ? { kind: 'routine' } : DONE) });
    queue.add('a');
    queue.addRoutine('b');
    queue.add('c');
    await settled();
    expect(log).toEqual(['a@0', 'c@0', 'b@0', 'a@0', 'c@0', 'b@0']);
  });

  test('added twice is worked on once', async () => {
    const { queue, log, seen } = setUp();
    queue.add('a');
    queue.add('a');
    queue.addRoutine('a');
    await settled();
    expect(log).toEqual(['a@0']);
    expect(seen.added).toBe(1);
  });

  test('is never worked on twice at the same time, and once more where it is added meanwhile', async () => {
    const { open, opened } = door();
    let atOnce = 0;
    let most = 0;
    const { queue, log } = setUp({
      work: async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await opened;
        atOnce -= 1;
        return DONE;
      },
    });
    queue.add('a');
    await settled();
    queue.add('a');
    queue.add('a');
    queue.addRoutine('a');
    await settled();
    expect(log).toHaveLength(1);
    open();
    await settled();
    expect(log).toHaveLength(2);
    expect(most).toBe(1);
  });

  test('is worked on once more where it is added as routine meanwhile', async () => {
    const { open, opened } = door();
    const { queue, log } = setUp({
      work: async () => {
        await opened;
        return DONE;
      },
    });
    queue.add('a');
    await settled();
    queue.addRoutine('a');
    open();
    await settled();
    expect(log).toHaveLength(2);
  });

  test('that is routine comes after all that is urgent', async () => {
    const { queue, log } = setUp({ concurrency: 1 });
    for (const key of ['a', 'b', 'c']) queue.addRoutine(key);
    queue.add('c');
    queue.add('d');
    await settled();
    expect(log).toEqual(['c@0', 'd@0', 'a@0', 'b@0']);
  });

  test('is worked on later where that is asked, at the earliest of several times', async () => {
    const { queue, log, clock } = setUp();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 300);
    await clock.advance(1000);
    expect(log).toEqual(['a@200']);
    expect(clock.sleeping).toBe(0);
  });

  test('that is worked on before its time is planned anew', async () => {
    const { queue, log, clock } = setUp({
      work: (_key, nth) => (nth === 1 ? { kind: 'again', afterMs: 700 } : DONE),
    });
    queue.addAfter('a', 500);
    await clock.advance(100);
    queue.add('a');
    await clock.advance(1000);
    expect(log).toEqual(['a@100', 'a@800']);
  });
});

describe('work that fails', () => {
  test('is tried again after 5 ms, and twice as long each time, up to 1000 s', async () => {
    const { queue, log, clock, seen } = setUp({ work: () => ({ kind: 'failed' }) });
    queue.add('a');
    await clock.advance(6_000_000);
    const times = log.map((line) => Number(line.slice(2)));
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(pauses.slice(17)).toEqual([655_360, 1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    expect(seen.retried).toBe(times.length);
  });

  test('begins with 5 ms again once it has succeeded', async () => {
    const { queue, log, clock } = setUp({ work: (_key, nth) => ({ kind: nth === 4 ? 'done' : 'failed' }) });
    queue.add('a');
    await clock.advance(1000);
    queue.add('a');
    await clock.advance(5);
    expect(log).toEqual(['a@0', 'a@5', 'a@15', 'a@35', 'a@1000', 'a@1005']);
  });

  test('waits for as long as the API server asks', async () => {
    const { queue, log, clock } = setUp({ work: () => ({ kind: 'failed', atLeastMs: 3000 }) });
    queue.add('a');
    await clock.advance(7000);
    expect(log).toEqual(['a@0', 'a@3000', 'a@6000']);
  });

  test('by a bug is logged, and tried again', async () => {
    const { queue, log, clock, errors } = setUp({
      work: (_key, nth) => {
        if (nth === 1) throw new Error('oops');
        return DONE;
      },
    });
    queue.add('a');
    await clock.advance(100);
    expect(log).toEqual(['a@0', 'a@5']);
    expect(errors).toMatchObject([{ key: 'a', err: { message: 'oops' } }]);
  });

  test('holds up no other key', async () => {
    const { queue, log, clock } = setUp({ concurrency: 1, work: (key) => ({ kind: key === 'a' ? 'failed' : 'done' }) });
    queue.add('a');
    queue.add('b');
    await clock.advance(5);
    expect(log).toEqual(['a@0', 'b@0', 'a@5']);
  });
});

describe('the queue', () => {
  test('works on no more keys at a time than it may, and on as many', async () => {
    let atOnce = 0;
    let most = 0;
    const { clock, queue, log } = setUp({
      concurrency: 3,
      work: async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await settled();
        atOnce -= 1;
        return DONE;
      },
    });
    for (let i = 0; i < 20; i += 1) queue.add(`key-${i}`);
    for (let i = 0; i < 10; i += 1) await clock.advance(1);
    expect(log).toHaveLength(20);
    expect(most).toBe(3);
  });

  test('lets others have a turn while it works on many keys that need nothing', async () => {
    const { queue, log, clock } = setUp();
    for (let i = 0; i < 100; i += 1) queue.add(`key-${i}`);
    await settled();
    expect(log.length).toBeLessThan(100);
    await clock.advance(10);
    expect(log).toHaveLength(100);
  });

  test('tells its depth, and how long keys waited and took', async () => {
    const { open, opened } = door();
    const { queue, seen, clock } = setUp({
      concurrency: 1,
      work: async () => {
        await opened;
        return DONE;
      },
    });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(2000);
    expect(queue.depth).toBe(2);
    open();
    await settled();
    expect(queue.depth).toBe(0);
    expect(seen).toMatchObject({ added: 3, queued: [0, 2, 2], worked: [2, 0, 0] });
  });

  test('that stops waits for the work at hand, and begins nothing more', async () => {
    const { open, opened } = door();
    const { queue, log, clock } = setUp({
      concurrency: 1,
      work: async () => {
        await opened;
        return { kind: 'failed' };
      },
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await settled();
    let hasStopped = false;
    const stop = async () => {
      await queue.stop();
      hasStopped = true;
    };
    const stopped = stop();
    queue.add('d');
    queue.addAfter('e', 10);
    await settled();
    expect(hasStopped).toBe(false);
    open();
    await stopped;
    await clock.advance(1000);
    expect([log, clock.sleeping]).toEqual([['a@0'], 0]);
  });
});
