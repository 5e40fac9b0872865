/**
 * listener hears talkers: `node listener.ts ADDRESS UDP-PORT TCP-PORT`. It answers nothing, so that no connection tracking
 * takes a datagram for part of a conversation. For each line on stdin it prints one with all that it has heard.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Heard, HeardOf } from './heard.ts';

const [address = '', udpPort = '', tcpPort = ''] = process.argv.slice(2);
const heard: { readonly [how in keyof Heard]: Record<string, HeardOf> } = { datagram: {}, knock: {}, stream: {} };

/** Lines are those of talker.c: who, when it started in microseconds, and how it says so. */
function hear(line: string): void {
  const at = performance.timeOrigin + performance.now();
  const [name = '', started = '', how] = line.trim().split(' ');
  if (how !== 'datagram' && how !== 'knock' && how !== 'stream') return;
  const { firstAt = at, count = 0 } = heard[how][name] ?? {};
  heard[how][name] = { startedAt: Number(started) / 1000, firstAt, lastAt: at, count: count + 1 };
}

const datagrams = createSocket('udp4', (message) => hear(message.toString()));
datagrams.bind(Number(udpPort), address);
const streams = createServer((socket) => {
  socket.on('error', () => undefined);
  createInterface({ input: socket }).on('line', hear);
});
streams.listen(Number(tcpPort), address, 1024);
createInterface({ input: process.stdin })
  .on('line', () => console.log(JSON.stringify(heard)))
  .on('close', () => process.exit());
