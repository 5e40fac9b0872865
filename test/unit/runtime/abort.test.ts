import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { aborted, onAbort, signalAfter, unlessAborted } from '../../../src/runtime/abort.ts';
import { LinkedAbort } from '../../../src/runtime/linked-abort.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
const never = () => new Promise<never>(() => {});
const REASON = new Error('enough');

describe('a listener', () => {
  test('is called once, when the signal fires', () => {
    const abort = new AbortController();
    let calls = 0;
    onAbort(abort.signal, () => (calls += 1));
    expect(calls).toBe(0);
    abort.abort();
    abort.abort();
    expect([calls, listenersOf(abort.signal)]).toEqual([1, 0]);
  });

  test('is called at once where the signal has fired', () => {
    let calls = 0;
    onAbort(AbortSignal.abort(), () => (calls += 1));
    expect(calls).toBe(1);
  });

  test('is not called any more once it is taken off', () => {
    const abort = new AbortController();
    let calls = 0;
    const release = onAbort(abort.signal, () => (calls += 1));
    release();
    expect(listenersOf(abort.signal)).toBe(0);
    abort.abort();
    expect(calls).toBe(0);
  });
});

describe('waiting for a signal', () => {
  test('ends when it fires', async () => {
    const abort = new AbortController();
    let hasEnded = false;
    const waiting = aborted(abort.signal).then(() => (hasEnded = true));
    await Promise.resolve();
    expect(hasEnded).toBe(false);
    abort.abort();
    await waiting;
    expect(listenersOf(abort.signal)).toBe(0);
  });

  test('ends at once where it has fired', async () => {
    expect(await aborted(AbortSignal.abort())).toBeUndefined();
  });
});

describe('work under a signal', () => {
  test('ends as it ends by itself, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve('done'), signal)).toBe('done');
    await expect(unlessAborted(Promise.reject(REASON), signal)).rejects.toBe(REASON);
    expect(listenersOf(signal)).toBe(0);
  });

  test('throws the reason as soon as the signal fires', async () => {
    const abort = new AbortController();
    const work = unlessAborted(never(), abort.signal);
    abort.abort(REASON);
    await expect(work).rejects.toBe(REASON);
  });

  test('throws the reason at once where the signal has fired', async () => {
    await expect(unlessAborted(never(), AbortSignal.abort(REASON))).rejects.toBe(REASON);
  });

  test('throws an Error also where the reason is none', async () => {
    await expect(unlessAborted(never(), AbortSignal.abort('why'))).rejects.toMatchObject({ cause: 'why' });
  });

  test('may fail later, and nobody is told', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    await expect(unlessAborted(work, AbortSignal.abort(REASON))).rejects.toBe(REASON);
    // vitest fails where a rejection is handled by nobody.
    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a signal that fires after a while', () => {
  test('does so then, and not before', async () => {
    const start = performance.now();
    const signal = signalAfter(30.7);
    expect(signal.aborted).toBe(false);
    await aborted(signal);
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  });

  test.each([0, -5, 0.4])('does so at once where %f milliseconds are left', async (ms) => {
    const start = performance.now();
    await aborted(signalAfter(ms));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a linked abort', () => {
  test('fires with its parent, for the same reason', () => {
    const parent = new AbortController();
    const linked = new LinkedAbort(parent.signal);
    parent.abort(REASON);
    expect(linked.signal.reason).toBe(REASON);
    expect(new LinkedAbort(parent.signal).signal.reason).toBe(REASON);
  });

  test('fires by itself, and leaves its parent alone', () => {
    const parent = new AbortController();
    const linked = new LinkedAbort(parent.signal);
    linked.abort(REASON);
    expect([linked.signal.reason, parent.signal.aborted]).toEqual([REASON, false]);
  });

  test('leaves no listener at its parent once it is released', () => {
    const parent = new AbortController();
    const linked = new LinkedAbort(parent.signal);
    linked.release();
    expect(listenersOf(parent.signal)).toBe(0);
    parent.abort(REASON);
    expect(linked.signal.aborted).toBe(false);
  });
});
