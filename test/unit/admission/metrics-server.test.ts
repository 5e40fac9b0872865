import { expect, test } from 'vitest';
import { createMetricsServer } from '../../../src/admission/metrics-server.ts';

const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'a 1\n' });

test('metrics come in the form that Prometheus asks for', async () => {
  const answer = await createMetricsServer({ metrics }).inject('/metrics');
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'a 1\n',
  ]);
});

test.each(['/livez', '/validate'])('%s is not there, and the answer says what is', async (path) => {
  const answer = await createMetricsServer({ metrics }).inject(path);
  expect([answer.statusCode, answer.body]).toEqual([404, 'no such path; there is /metrics\n']);
});
