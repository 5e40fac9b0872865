import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../../../src/runtime/turns.ts';

/** Turns on a thread of which each piece of work takes so many milliseconds, by who asks for it. */
function turns(cost: number | Readonly<Record<string, number>>) {
  let elapsed = 0;
  const done: string[] = [];
  const turns = new Turns({ elapsed: () => elapsed });
  const ask = (owner: string, count: number) =>
    Array.from({ length: count }, (_, i) =>
      turns.take(owner, () => {
        elapsed += typeof cost === 'number' ? cost : (cost[owner] ?? 0);
        done.push(`${owner}${i}`);
        return i;
      }),
    );
  return { turns, ask, done };
}

test('owners take turns, whoever has how much to do', async () => {
  const { ask, done } = turns(10);
  await Promise.all([...ask('a', 4), ...ask('b', 2), ...ask('c', 1)]);
  expect(done).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3']);
});

test('time counts, not pieces: short ones are done together while another owner has a long one done', async () => {
  const { ask, done } = turns({ long: 25, short: 1 });
  await Promise.all([...ask('long', 3), ...ask('short', 7)]);
  expect(done).toEqual([
    'long0',
    ...['short0', 'short1', 'short2', 'short3', 'short4'],
    'long1',
    ...['short5', 'short6'],
    'long2',
  ]);
});

test('who comes later waits for one piece of work of each, not for all that is there', async () => {
  const { ask, done } = turns(25);
  const many = ask('a', 100);
  await nextLoop();
  await Promise.all(ask('late', 1));
  expect(done.length).toBeLessThanOrEqual(3);
  await Promise.all(many);
  expect(done).toHaveLength(101);
});

test.each([
  ['one long piece', 25, 1],
  ['a few short ones', 2, 3],
])('between two looks at the network there is %s', async (_, milliseconds, pieces) => {
  const { ask, done } = turns(milliseconds);
  const all = Promise.all(ask('a', 12));
  for (let seen = 0; seen < 12; ) {
    await nextLoop();
    expect(done.length - seen).toBeLessThanOrEqual(pieces);
    seen = done.length;
  }
  await all;
});

test('work that fails fails for who asked for it, and the next is done', async () => {
  const { turns: some } = turns(1);
  const failing = some.take('a', () => {
    throw new Error('a bug');
  });
  const next = some.take('a', () => 'done');
  await expect(failing).rejects.toThrow('a bug');
  await expect(next).resolves.toBe('done');
});

test('work may ask for more', async () => {
  const { turns: some } = turns(1);
  const inner = await some.take('a', () => [some.take('a', () => 1), some.take('b', () => 2)]);
  expect(await Promise.all(inner)).toEqual([1, 2]);
});
