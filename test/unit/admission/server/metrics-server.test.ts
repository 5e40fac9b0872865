import { expect, test } from 'vitest';
import { createMetricsServer } from '../../../../src/admission/server/metrics-server.ts';
import { clock } from '../setup.ts';

const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'a 1\n' });

test('metrics come in the form that Prometheus asks for', async () => {
  const answer = await createMetricsServer({ metrics, clock }).inject('/metrics');
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'a 1\n',
  ]);
});

test.each(['/livez', '/validate'])('%s is not there, and the answer says what is', async (path) => {
  const answer = await createMetricsServer({ metrics, clock }).inject(path);
  expect([answer.statusCode, answer.body]).toEqual([404, 'no such path; the path is /metrics\n']);
});

test('who asks without end costs no more than a few renderings a second, and is answered', async () => {
  const time = { now: 0 };
  let rendered = 0;
  const app = createMetricsServer({
    metrics: async () => ({ contentType: 'text/plain', text: `rendered ${++rendered}\n` }),
    clock: { now: () => time.now, elapsed: () => time.now },
  });
  const answers = await Promise.all(Array.from({ length: 500 }, () => app.inject('/metrics')));
  expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect(rendered).toBe(20);
  time.now += 1000;
  expect((await app.inject('/metrics')).body).toBe('rendered 21\n');
});
