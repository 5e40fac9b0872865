import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../../src/commands/serve/metrics/admission.ts';
import { createLog } from '../../../../src/runtime/log.ts';
import { ask, callTls, getEach, head, listening, STRANGER } from '../callers.ts';
import { review } from '../setup.ts';

const SECRET = '3f2504e04f8911d39a0c0305e82c3301';
const NEXT = '9b2504e04f8911d39a0c0305e82c33ff';
const BODY = JSON.stringify(review());

describe('a webhook whose paths have a secret', () => {
  test('is reached by each secret of the moment, and by none of those before', async () => {
    let secrets: readonly string[] = [SECRET];
    const { port } = await listening(undefined, { pathSecrets: () => secrets });
    const statusOf = async (path: string) => (await ask(port, BODY, { path })).status;
    expect(await statusOf(`/validate/${SECRET}?timeout=5s`)).toBe(200);
    secrets = [NEXT, SECRET];
    expect(await statusOf(`/validate/${SECRET}`)).toBe(200);
    expect(await statusOf(`/validate/${NEXT}`)).toBe(200);
    secrets = [NEXT];
    expect(await statusOf(`/validate/${SECRET}`)).toBe(404);
    secrets = [];
    expect(await statusOf('/validate')).toBe(200);
  });

  test('answers everything else as it answers a path that was never there', async () => {
    const { port } = await listening(undefined, { pathSecrets: () => [SECRET] });
    const [unknown, ...others] = await Promise.all(
      ['/nowhere', '/', '/validate', '/validate/', `/validate/${NEXT}`, `/validate/${SECRET}x`, `/gate/${SECRET}`].map(
        (path) => ask(port, BODY, { path }),
      ),
    );
    expect(unknown).toMatchObject({ status: 404, connection: 'close' });
    expect(unknown?.body).not.toContain('validate');
    for (const other of others) expect(other).toEqual(unknown);
  });

  test('says nothing to other methods either', async () => {
    const { port } = await listening(undefined, { pathSecrets: () => [SECRET] });
    const heard = await getEach(port, ['/nowhere', '/validate', `/validate/${NEXT}`]);
    expect(heard[0]).toMatch(/^HTTP\/1\.1 404 /);
    expect(new Set(heard).size).toBe(1);
  });
});

test('nothing of a path after its first segment is in an answer, a log line, an error or a metric', async () => {
  let logged = '';
  const { logger: log, flush } = createLog('debug', (text) => (logged += text));
  const metrics = createMetrics();
  const bug = () => {
    throw new Error('a bug');
  };
  const MARK = 'MARK0f9d1f4e';
  const secret = `${SECRET}${MARK}`;
  for (const [handler, pathSecrets] of [
    [undefined, [secret]],
    [bug, [secret]],
    [undefined, []],
  ] as const) {
    const { port } = await listening(handler, { log, observer: metrics.admission, pathSecrets: () => pathSecrets });
    const texts = [
      `${head(Buffer.byteLength(BODY), `/validate/${secret}`)}${BODY}`,
      `${head(Buffer.byteLength(BODY), `/validate/${secret}?timeout=x`)}${BODY}`,
      `${head(2, `/validate/${secret}`)}{}`,
      `${head(2, `/validate/${secret}`)}{{`,
      head(99_999_999, `/validate/${secret}`),
      `${head(2, `/validate/x${MARK}`)}{}`,
      `${head(2, `/validate/%zz${MARK}`)}{}`,
      `${head(2, `/${MARK}/../validate/%2e`)}{}`,
      `GET /validate/${secret} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET https://a/validate/${secret} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `POST /validate/${secret} HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n`,
      `POST /validate/${secret} HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\n{`,
    ];
    for (const text of texts) {
      const caller = await callTls(port, STRANGER);
      caller.socket.write(text);
      await once(caller.socket, 'data');
      caller.socket.end();
      const answer = await caller.all;
      expect(answer).toMatch(/^HTTP\/1\.1 /);
      expect(answer).not.toContain(MARK);
    }
  }
  flush();
  expect(logged).toContain('internal error: review answered with 500');
  expect(logged).not.toContain(MARK);
  expect(logged).not.toContain(SECRET);
  expect((await metrics.text()).text).not.toContain(MARK);
});
