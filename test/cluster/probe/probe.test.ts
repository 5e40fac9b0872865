import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../harness/daemon.ts';
import { bundleProbe } from './bundle.ts';
import { type Probe, startProbe } from './driver.ts';
import { answerTo, startNameServer } from './name-server.ts';

const HOST = '127.0.0.1';
const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-probe-'));
const file = join(folder, 'probe.mjs');
const start = () => startProbe(spawn(process.execPath, [file], { stdio: 'pipe' }));
let probe: Probe;

beforeAll(async () => {
  await bundleProbe(file);
  probe = start();
});

afterAll(async () => {
  await probe.close();
  rmSync(folder, { recursive: true });
});

const ask = { server: HOST, name: 'shop.example', timeoutMs: 5_000 };

describe.each(['udp', 'tcp'] as const)('a lookup over %s', (protocol) => {
  it('tells the addresses of an answer, and its code where it has none', async () => {
    const server = await startNameServer();
    const lookup = (name: string) => probe.ask('lookup', { ...ask, port: server.port, protocol, name });
    expect(await lookup('shop.example')).toEqual({ outcome: 'answer', addresses: ['10.0.0.1', '10.0.0.2'] });
    expect(await lookup('nobody.example')).toEqual({ outcome: 'rcode', rcode: 3 });
    await server.close();
  });

  it('is refused where nobody listens', async () => {
    const port = await freePort();
    expect(await probe.ask('lookup', { ...ask, port, protocol })).toEqual({ outcome: 'refused' });
  });

  it('runs out of time where nobody answers, after as many tries as were asked for', async () => {
    const silent = await startSilence();
    const slow = { ...ask, port: silent.port, protocol, timeoutMs: 100, tries: 3 };
    expect(await probe.ask('lookup', slow)).toEqual({ outcome: 'timeout' });
    await vi.waitFor(() => expect(silent.heard[protocol]).toBe(3));
    silent.close();
  });

  it('takes no answer to another question for its own', async () => {
    const server = await startNameServer((query) => {
      query.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      return answerTo(query);
    });
    const wrong = { ...ask, port: server.port, protocol, timeoutMs: 200 };
    expect(await probe.ask('lookup', wrong)).toEqual({ outcome: 'timeout' });
    await server.close();
  });

  it('does not take what is no DNS message for an answer', async () => {
    const server = await startNameServer((query) => Buffer.concat([query.subarray(0, 4), Buffer.from([0x80])]));
    const wrong = { ...ask, port: server.port, protocol, timeoutMs: 200 };
    expect(await probe.ask('lookup', wrong)).toEqual({ outcome: 'timeout' });
    await server.close();
  });
});

describe('an echo', () => {
  it('answers other probes over both transports, and its port is taken then', async () => {
    const port = await freePort();
    const other = start();
    expect(await other.ask('listen', { port })).toEqual({ outcome: 'listening' });
    expect(await probe.ask('listen', { port })).toEqual({ outcome: 'taken' });
    const to = { host: HOST, port, timeoutMs: 5_000 };
    expect(await probe.ask('connect', to)).toEqual({ outcome: 'open' });
    for (const protocol of ['udp', 'tcp'] as const) {
      expect(await probe.ask('send', { ...to, protocol })).toEqual({ outcome: 'echoed' });
    }
    await other.close();
    expect(await probe.ask('connect', to)).toEqual({ outcome: 'refused' });
  });
});

describe('a probe', () => {
  it('does many things at once', async () => {
    const [server, silent] = [await startNameServer(), await startSilence()];
    const own = start();
    const over = { ...ask, protocol: 'udp' } as const;
    const slow = own.ask('lookup', { ...over, port: silent.port, timeoutMs: 60_000 });
    const quick = Array.from({ length: 200 }, () => own.ask('lookup', { ...over, port: server.port }));
    expect((await Promise.all(quick)).every(({ outcome }) => outcome === 'answer')).toBe(true);
    await Promise.all([expect(slow).rejects.toThrow('the probe ended'), own.close()]);
    await server.close();
    silent.close();
  });

  it('resolves names as applications do', async () => {
    const resolve = (name: string) => probe.ask('resolve', { name, timeoutMs: 5_000 });
    expect(await resolve('localhost')).toEqual({ outcome: 'answer', addresses: [HOST] });
  });

  it('tells a question that it cannot ask from a network that refuses', async () => {
    const name = `${'a'.repeat(64)}.example`;
    await expect(probe.ask('lookup', { ...ask, name, protocol: 'udp' })).rejects.toThrow('a label has at most 63');
  });

  it('says why it ended, to whoever waits and to whoever asks later', async () => {
    const broken = startProbe(spawn(process.execPath, ['--eval', 'throw new Error("no such pod")'], { stdio: 'pipe' }));
    const asked = () => broken.ask('resolve', { name: 'localhost', timeoutMs: 5_000 });
    await expect(asked()).rejects.toThrow('no such pod');
    await expect(asked()).rejects.toThrow('the probe ended with status 1');
    await broken.close();
  });
});

/** Takes what comes, over both transports, and says nothing. */
async function startSilence() {
  const heard = { udp: 0, tcp: 0 };
  const tcp = createServer((socket) => {
    heard.tcp += 1;
    socket.resume();
  }).listen(0, HOST);
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4', () => {
    heard.udp += 1;
  }).bind(port, HOST);
  await once(udp, 'listening');
  const close = () => {
    tcp.close();
    udp.close();
  };
  return { port, heard, close };
}
