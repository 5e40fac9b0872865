import { expect, test, vi } from 'vitest';
import { createLog } from '../../../src/runtime/log.ts';

function recorded(level: 'info' | 'error' = 'info') {
  const writes: string[] = [];
  return { writes, ...createLog(level, (text) => writes.push(text)) };
}

test('lines are written together, within a moment, as JSON with level and time', async () => {
  const { writes, logger } = recorded();
  logger.info({ uid: 'a\n' }, 'decided');
  logger.warn({ uid: 'b' }, 'decided');
  expect(writes).toEqual([]);
  await vi.waitFor(() => expect(writes).toHaveLength(1));
  const lines = (writes[0] ?? '').trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), uid: 'a\n', msg: 'decided' },
    { level: 'warn', time: expect.any(String), uid: 'b', msg: 'decided' },
  ]);
});

test('an error waits for nobody, and takes what was before it along', () => {
  const { writes, logger } = recorded();
  logger.info({}, 'before');
  logger.error({ err: new Error('broken') }, 'a bug');
  expect(writes).toHaveLength(1);
  expect(writes[0]).toMatch(/"msg":"before"\}\n\{"level":"error".*broken.*"msg":"a bug"\}\n$/);
});

test('little waits at a time, and nothing after a flush', () => {
  const { writes, logger, flush } = recorded();
  for (let i = 0; i < 100; i += 1) logger.info({ text: 'x'.repeat(1000) }, 'long');
  expect(writes.length).toBeGreaterThan(1);
  flush();
  expect(writes.join('').split('\n')).toHaveLength(101);
  flush();
  expect(writes.every((text) => text !== '')).toBe(true);
});

test('what is below the level is not written', () => {
  const { writes, logger, flush } = recorded('error');
  logger.info({}, 'decided');
  flush();
  expect(writes).toEqual([]);
});
