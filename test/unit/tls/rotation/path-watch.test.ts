import { describe, expect, it } from 'vitest';
import { type PathsFound, PathWatch } from '../../../../src/tls/rotation/path-watch.ts';
import { VirtualTime } from '../../../harness/virtual-time.ts';
import { configurationOf, pathsOf, secretOf } from './path-cases.ts';

const MINUTE = 60_000;
const ROLLED_BACK: PathsFound = { paths: pathsOf('a'), published: [configurationOf(['/validate'])] };
const SECRET: PathsFound = { paths: pathsOf('a'), published: [configurationOf(['a'])] };

/** A watch in virtual time; each read takes `readMs` and finds what `found` says at its end. */
function watching(found: () => PathsFound, readMs = 0) {
  const time = new VirtualTime();
  const reads: number[] = [];
  const sleep = (ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));
  const watch = new PathWatch({
    clock: { now: () => time.now, elapsed: () => time.now, random: () => 0, sleep },
    settleMs: () => 10 * MINUTE,
    read: async () => {
      reads.push(time.now);
      await sleep(readMs);
      return found();
    },
  });
  const answers = new Map<string, { readonly at: number; readonly answer: boolean }>();
  const ask = (what: string, question: Promise<boolean>) =>
    void question.then((answer) => answers.set(what, { at: time.now, answer }));
  const run = (until: number) => time.advance(until - time.now);
  return { watch, time, reads, answers, ask, run };
}

describe('a watch of the paths', () => {
  it('knows what it has heard, and asks nobody', async () => {
    const { watch, reads, run } = watching(() => SECRET);
    watch.heard(ROLLED_BACK);
    expect(watch.secrets()).toEqual([secretOf('a')]);
    expect(watch.plain()).toBe(true);
    await run(1);
    expect(reads).toEqual([]);
  });

  it('asks before it turns a path away that a rollback has just brought back', async () => {
    const { watch, answers, ask, run } = watching(() => ROLLED_BACK);
    watch.heard(SECRET);
    ask('plain', watch.ask(undefined));
    await run(1);
    expect(answers.get('plain')).toEqual({ at: 0, answer: true });
    expect(watch.plain()).toBe(true);
  });

  it('asks before it turns a secret away that another replica has just made', async () => {
    const { watch, answers, ask, run } = watching(() => ({ paths: pathsOf('ba'), published: [] }));
    watch.heard(SECRET);
    ask('b', watch.ask(secretOf('b')));
    ask('x', watch.ask(secretOf('x')));
    await run(1);
    expect([answers.get('b')?.answer, answers.get('x')?.answer]).toEqual([true, false]);
  });

  it('asks once a second at most, however many want to know, and each of them hears what was read after it came', async () => {
    let found = SECRET;
    const { watch, time, reads, answers, ask, run } = watching(() => found, 300);
    watch.heard(SECRET);
    for (let at = 0; at < 3000; at += 10) {
      time.at(at, () => ask(`at ${at}`, watch.ask(secretOf('x'))));
    }
    time.at(1500, () => {
      found = ROLLED_BACK;
      ask('plain', watch.ask(undefined));
    });
    await run(10_000);
    expect(reads).toEqual([0, 1000, 2000, 3000]);
    expect(answers.get('at 0')).toEqual({ at: 300, answer: false });
    expect(answers.get('at 10')).toEqual({ at: 1300, answer: false });
    expect(answers.get('plain')).toEqual({ at: 2300, answer: true });
    expect(answers.size).toBe(301);
  });

  it('turns nothing away while nobody can be asked: a call of the API server must not be lost', async () => {
    const { watch, answers, ask, run } = watching(() => {
      throw new Error('the API server is away');
    });
    watch.heard(SECRET);
    ask('plain', watch.ask(undefined));
    ask('x', watch.ask(secretOf('x')));
    await run(1);
    expect([answers.get('plain')?.answer, answers.get('x')?.answer]).toEqual([true, true]);
    expect(watch.secrets()).toEqual([secretOf('a')]);
  });

  it('lets nobody wait again and again while nobody can be asked, and asks on', async () => {
    let isAway = true;
    const { watch, time, reads, answers, ask, run } = watching(() => {
      if (isAway) throw new Error('the API server is away');
      return SECRET;
    }, 300);
    watch.heard(SECRET);
    ask('first', watch.ask(undefined));
    time.at(500, () => ask('second', watch.ask(undefined)));
    time.at(900, () => {
      isAway = false;
    });
    time.at(2000, () => ask('third', watch.ask(undefined)));
    await run(5000);
    expect([...answers]).toEqual([
      ['first', { at: 300, answer: true }],
      ['second', { at: 500, answer: true }],
      ['third', { at: 2300, answer: false }],
    ]);
    expect(reads).toEqual([0, 1000, 2000]);
  });

  it('goes on with what the Secret held, where somebody has emptied it', () => {
    const { watch } = watching(() => SECRET);
    watch.heard(SECRET);
    watch.heard({ paths: undefined, published: [] });
    expect(watch.secrets()).toEqual([secretOf('a')]);
  });
});
