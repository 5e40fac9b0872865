import { afterEach, describe, expect, it, vi } from 'vitest';
import { PutOff } from '../../../../src/admission/review/bad-request.ts';
import { type ReadingLimits, ReadingThread } from '../../../../src/commands/serve/reading-thread.ts';
import { clock, policy, review } from '../../admission/setup.ts';

const threads: ReadingThread[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

function start(limits: Partial<ReadingLimits> = {}) {
  const warn = vi.fn();
  const thread = new ReadingThread(
    clock,
    { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() },
    { mostMs: 60_000, ...limits },
  );
  threads.push(thread);
  return { thread, warn };
}

const soon = (milliseconds = 60_000) => clock.elapsed() + milliseconds;
const asApiServer = (uid: string, more: Readonly<Record<string, unknown>> = {}) =>
  Buffer.from(JSON.stringify(review({ uid, ...more })));
/** It takes a while to read. */
const long = (uid: string) =>
  asApiServer(uid, { object: policy({ podSelector: {}, egress: Array.from({ length: 500_000 }, () => ({})) }) });

const PUT_OFF = { status: 'rejected', reason: expect.any(PutOff) };

describe('ReadingThread', () => {
  it('reads bodies, and says of each what is wrong with it', async () => {
    const { thread } = start();
    const results = await Promise.allSettled([
      thread.read(asApiServer('a'), soon()),
      thread.read(Buffer.from('{'), soon()),
      thread.read(Buffer.from('{}'), soon()),
      thread.read(asApiServer('b'), soon()),
      thread.read(Buffer.from([0x22, 0xff, 0x22]), soon()),
    ]);
    expect(results).toMatchObject([
      { value: { request: { uid: 'a', isLarge: true, object: policy() } } },
      { reason: { statusCode: 400, message: expect.stringContaining('the body is not JSON') } },
      { reason: { statusCode: 400, message: 'apiVersion: missing' } },
      { value: { request: { uid: 'b' } } },
      { reason: { name: 'UnreadableReview', statusCode: 400 } },
    ]);
  });

  it('leaves the body to who gave it', async () => {
    const { thread } = start();
    const given = asApiServer('a');
    await thread.read(given, soon());
    expect(given).toEqual(asApiServer('a'));
  });

  it('puts off what there is no time for, and goes on with the next', async () => {
    const { thread } = start();
    const [late, waiting, next] = await Promise.allSettled([
      thread.read(long('late'), soon(50)),
      thread.read(asApiServer('waiting'), soon(0)),
      thread.read(asApiServer('next'), soon()),
    ]);
    expect([late, waiting]).toEqual([PUT_OFF, PUT_OFF]);
    expect(next).toMatchObject({ value: { request: { uid: 'next' } } });
  });

  it('puts off what takes longer than one may, and says so', async () => {
    const { thread, warn } = start({ mostMs: 10 });
    const slow = long('slow');
    await expect(thread.read(slow, soon())).rejects.toThrow(PutOff);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      { bytes: slow.length, milliseconds: 10 },
      'reading a review took too long',
    );
  });

  it('refuses what takes more memory than it has, and goes on with the next', async () => {
    const { thread } = start({ oldMib: 16, youngMib: 4 });
    const [full, next] = await Promise.allSettled([
      thread.read(long('full'), soon()),
      thread.read(asApiServer('next'), soon()),
    ]);
    expect(full).toMatchObject({ reason: { name: 'UnreadableReview', statusCode: 413 } });
    expect(next).toMatchObject({ value: { request: { uid: 'next' } } });
  });

  it('has the memory for the largest that etcd stores, old and new', async () => {
    const { thread } = start();
    const object = policy({ podSelector: {}, ingress: Array.from({ length: 780_000 }, () => ({})) });
    const { answer } = await thread.read(asApiServer('a', { operation: 'UPDATE', object, oldObject: object }), soon());
    expect(answer?.response).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('only removes parts')],
    });
  });

  it('ends when it is idle, and starts again', async () => {
    const { thread } = start({ idleMs: 0 });
    for (const uid of ['a', 'b', 'c']) {
      expect((await thread.read(asApiServer(uid), soon())).request?.uid).toBe(uid);
      await vi.waitFor(() => expect(thread.isRunning).toBe(false));
    }
  });

  it('puts off all that waits when it is closed', async () => {
    const { thread } = start();
    const settled = Promise.allSettled(['a', 'b'].map((uid) => thread.read(long(uid), soon())));
    await thread.close();
    expect(await settled).toEqual([PUT_OFF, PUT_OFF]);
    expect(thread.isRunning).toBe(false);
  });
});
