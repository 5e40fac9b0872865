import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createHealthServer } from '../../../../src/admission/server/health.ts';
import { createMetricsServer } from '../../../../src/admission/server/metrics-server.ts';
import type { PlainLimits } from '../../../../src/admission/server/plain-server.ts';
import { clock } from '../setup.ts';

const apps: ReturnType<typeof createHealthServer>[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const PORTS = [
  ['health', '/livez', (limits: Partial<PlainLimits>) => createHealthServer({ notReady: () => [], limits })],
  [
    'metrics',
    '/metrics',
    (limits: Partial<PlainLimits>) =>
      createMetricsServer({ metrics: async () => ({ contentType: 'text/plain', text: 'a 1\n' }), clock, limits }),
  ],
] as const;

async function listening(app: ReturnType<typeof createHealthServer>): Promise<number> {
  apps.push(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function call(port: number, text: string, localAddress = '127.0.0.2'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function conversation(socket: Socket): Promise<string> {
  let heard = '';
  for await (const chunk of socket) heard += String(chunk);
  return heard;
}

const connectionsOf = ({ server }: ReturnType<typeof createHealthServer>) =>
  new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));

const fetched = async (port: number, path: string) =>
  conversation(await call(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, '127.0.0.1'));

test.each(PORTS)('the %s port answers once on each connection', async (_, path, create) => {
  const port = await listening(create({}));
  for (const asked of [path, '/nowhere']) {
    expect(await fetched(port, asked)).toMatch(/^HTTP\/1\.1 (200|404) .*connection: close/is);
  }
});

test.each(PORTS)('the %s port makes nothing of what comes behind a request', async (_, path, create) => {
  const app = create({});
  const port = await listening(app);
  let requests = 0;
  app.server.on('request', () => {
    requests += 1;
  });
  const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const heard = await conversation(await call(port, request.repeat(2000)));
  expect(heard.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(requests).toBe(1);
});

test.each(PORTS)('the %s port takes a request in pieces', async (_, path, create) => {
  const port = await listening(create({}));
  const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const socket = await call(port, request.slice(0, 5));
  for (const byte of request.slice(5)) {
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(byte);
  }
  expect(await conversation(socket)).toMatch(/^HTTP\/1\.1 200 /);
});

test.each(PORTS)('the %s port answers, whatever 2000 connections from another address do', async (_, path, create) => {
  const app = create({});
  const port = await listening(app);
  const ways = ['', `GET ${path} HT`, `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`, 'nonsense'];
  for (let n = 0; n < 2000; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (__, i) => call(port, ways[i % ways.length] ?? '')));
    expect(await fetched(port, path)).toMatch(/^HTTP\/1\.1 200 /);
  }
  await vi.waitFor(async () => expect(await connectionsOf(app)).toBeLessThanOrEqual(200));
});

test.each(PORTS)('the %s port answers those at the address of a flood too', async (_, path, create) => {
  const port = await listening(create({ connections: 20 }));
  for (let n = 0; n < 5; n += 1) {
    await Promise.all(Array.from({ length: 40 }, () => call(port, '', '127.0.0.1')));
    expect(await fetched(port, path)).toMatch(/^HTTP\/1\.1 200 /);
  }
});

test.each(PORTS)('the %s port waits for nobody', async (_, path, create) => {
  const port = await listening(create({ lifetime: 200 }));
  const slow = await Promise.all([
    call(port, ''),
    call(port, 'GET'),
    call(port, `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`),
  ]);
  for (const socket of slow) socket.resume();
  await vi.waitFor(() => expect(slow.every(({ closed }) => closed)).toBe(true));
});
