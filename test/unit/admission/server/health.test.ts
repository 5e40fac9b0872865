import { expect, test } from 'vitest';
import { createHealthServer } from '../../../../src/admission/server/health.ts';

test('alive is the process, whatever is missing', async () => {
  const app = createHealthServer({ notReady: () => ['cache namespaces'] });
  const answer = await app.inject('/livez');
  expect([answer.statusCode, answer.body]).toEqual([200, 'ok\n']);
});

test('ready is when nothing is missing, and what is missing is named', async () => {
  let missing: readonly string[] = ['cache namespaces', 'cache networkpolicies'];
  const app = createHealthServer({ notReady: () => missing });
  const early = await app.inject('/readyz');
  expect([early.statusCode, early.body]).toEqual([
    503,
    'not ready: cache namespaces\nnot ready: cache networkpolicies\n',
  ]);
  missing = [];
  const ready = await app.inject('/readyz');
  expect([ready.statusCode, ready.body]).toEqual([200, 'ok\n']);
});

test.each(['/validate', '/metrics'])('%s is not there, and the answer says what is', async (path) => {
  const answer = await createHealthServer({ notReady: () => [] }).inject(path);
  expect([answer.statusCode, answer.body]).toEqual([404, 'no such path; the paths are /livez and /readyz\n']);
});
