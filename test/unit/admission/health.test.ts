import { expect, test } from 'vitest';
import { createHealthServer } from '../../../src/admission/health.ts';

const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'a 1\n' });

test('alive is the process, whatever is missing', async () => {
  const app = createHealthServer({ missing: () => ['cache namespaces'], metrics });
  const answer = await app.inject('/livez');
  expect([answer.statusCode, answer.body]).toEqual([200, 'ok\n']);
});

test('ready is when nothing is missing, and what is missing is named', async () => {
  let missing: readonly string[] = ['cache namespaces', 'cache networkpolicies'];
  const app = createHealthServer({ missing: () => missing, metrics });
  const early = await app.inject('/readyz');
  expect([early.statusCode, early.body]).toEqual([
    503,
    'not ready: cache namespaces\nnot ready: cache networkpolicies\n',
  ]);
  missing = [];
  const ready = await app.inject('/readyz');
  expect([ready.statusCode, ready.body]).toEqual([200, 'ok\n']);
});

test('metrics come in the form that Prometheus asks for', async () => {
  const answer = await createHealthServer({ missing: () => [], metrics }).inject('/metrics');
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'a 1\n',
  ]);
});

test('another path says what there is', async () => {
  const answer = await createHealthServer({ missing: () => [], metrics }).inject('/validate');
  expect([answer.statusCode, answer.body]).toEqual([404, 'no such path; there is /livez, /readyz, /metrics\n']);
});
