import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { exchangeOverTcp, exchangeOverUdp } from './exchange.ts';
import type { Connect, Listen, Operations, Send } from './operation.ts';

const MESSAGE = Buffer.from('netpol-guard');

/** listen opens an echo on a port, over both transports. */
export async function listen({ port }: Listen): Promise<Operations['listen']['outcome']> {
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  const udp = createSocket('udp4');
  udp.on('message', (message, { address, port: from }) => udp.send(message, from, address, () => undefined));
  try {
    await Promise.all([once(tcp.listen(port, '0.0.0.0'), 'listening'), once(udp.bind(port, '0.0.0.0'), 'listening')]);
    return { outcome: 'listening' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return { outcome: 'taken' };
  }
}

/** connect opens a connection and closes it. */
export async function connect(ask: Connect): Promise<Operations['connect']['outcome']> {
  return { outcome: await exchangeOverTcp(ask, Buffer.alloc(0), () => 'open' as const) };
}

/** send waits for its own bytes to come back. */
export async function send({ protocol, ...to }: Send): Promise<Operations['send']['outcome']> {
  const exchange = protocol === 'udp' ? exchangeOverUdp : exchangeOverTcp;
  const accept = (received: Buffer) => (received.equals(MESSAGE) ? ('echoed' as const) : undefined);
  return { outcome: await exchange(to, MESSAGE, accept) };
}
