import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const HEADER = 12;

/** NameServer answers over UDP and TCP on one port of loopback. */
interface NameServer {
  readonly port: number;
  close(): Promise<void>;
}

/** startNameServer answers each query with what `answer` makes of it. */
export async function startNameServer(answer: (query: Buffer) => Buffer = answerTo): Promise<NameServer> {
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (framed) => {
      const message = answer(framed.subarray(2));
      const length = Buffer.from([message.length >> 8, message.length & 0xff]);
      // In two pieces, since a stream may break anywhere.
      socket.write(Buffer.concat([length, message.subarray(0, 5)]));
      setImmediate(() => socket.write(message.subarray(5)));
    });
  }).listen(0, HOST);
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4', (query, from) => udp.send(answer(query), from.port, from.address));
  await once(udp.bind(port, HOST), 'listening');
  return {
    port,
    close: async () => {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

/** answerTo knows `shop.example`: an alias, and two addresses, of names that point back into the question. */
export function answerTo(query: Buffer): Buffer {
  const known = query.includes('\u0004shop\u0007example');
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(known ? 3 : 0, 6);
  const record = (type: number, data: readonly number[]) =>
    Buffer.from([0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 30, 0, data.length, ...data]);
  const answers = [record(5, [3, 119, 119, 119, 0xc0, HEADER]), record(1, [10, 0, 0, 1]), record(1, [10, 0, 0, 2])];
  return Buffer.concat([header, query.subarray(HEADER), ...(known ? answers : [])]);
}
