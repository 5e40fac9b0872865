import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { passRest } from '../../../../src/admission/server/rest-of-body.ts';

const LIMITS = { bytes: 1000, milliseconds: 60_000 };

/** A request of which nothing has been read, and whether its rest is done with. */
function requestOf(headers: object = {}) {
  const stream = Object.assign(new PassThrough(), { headers, complete: false });
  let times = 0;
  passRest(stream as unknown as Parameters<typeof passRest>[0], LIMITS, () => {
    times += 1;
  });
  return { stream, times: () => times };
}

afterEach(() => {
  vi.useRealTimers();
});

test('what is left is read to its end, and only then is the answer due', async () => {
  const { stream, times } = requestOf({ 'content-length': '1000' });
  stream.write('x'.repeat(999));
  await vi.waitFor(() => expect(stream.readableLength).toBe(0));
  expect(times()).toBe(0);
  stream.end('x');
  await vi.waitFor(() => expect(times()).toBe(1));
});

test('no more is read than the bound', async () => {
  const { stream, times } = requestOf();
  stream.write('x'.repeat(600));
  stream.write('x'.repeat(600));
  await vi.waitFor(() => expect(times()).toBe(1));
  stream.end('x');
  await new Promise((resolve) => stream.once('close', resolve).resume());
  expect(times()).toBe(1);
});

test('nothing is read of what is announced too long, or has been read', () => {
  expect(requestOf({ 'content-length': '1001' }).times()).toBe(1);
});

test('nobody is waited for longer than the bound, and one who hangs up not at all', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const [slow, gone] = [requestOf(), requestOf()];
  gone.stream.destroy();
  await new Promise((resolve) => gone.stream.once('close', resolve));
  expect([slow.times(), gone.times()]).toEqual([0, 1]);
  vi.advanceTimersByTime(59_999);
  expect(slow.times()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(slow.times()).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
