import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach } from 'vitest';
import type { AdmissionServer } from '../../../src/admission/server/server.ts';
import { certificate, serverOf } from './setup.ts';

/** As the API server and a stranger have them, who are told apart by nothing else. */
export const API_SERVER = '127.0.0.1';
export const STRANGER = '127.0.0.2';

const servers: AdmissionServer[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.app.server.closeAllConnections();
    await server.app.close();
  }
});

/** listening starts a server on loopback, which ends with the test. */
export async function listening(...options: Parameters<typeof serverOf>) {
  const server = serverOf(...options);
  servers.push(server);
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const address = server.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

/** Caller is one connection and what has come back on it. */
export interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly isClosed: () => boolean;
  /** Everything that came, once the connection is closed. */
  readonly all: Promise<string>;
}

function callerOn(socket: Socket): Caller {
  const chunks: Buffer[] = [];
  const heard = () => Buffer.concat(chunks).toString();
  sockets.add(socket);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  const all = new Promise<string>((resolve) => socket.once('close', () => resolve(heard())));
  socket.once('close', () => sockets.delete(socket));
  return { socket, heard, isClosed: () => socket.closed, all };
}

/** getEach asks for each of the paths by GET, from a stranger's address, and returns what comes, but for the date. */
export function getEach(port: number, paths: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const caller = await callTls(port, STRANGER);
      caller.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return (await caller.all).replace(/^date: .*\r\n/im, '');
    }),
  );
}

/** callTls opens a connection over TLS from an address, and returns once the handshake has been made. */
export async function callTls(port: number, localAddress: string, more: object = {}): Promise<Caller> {
  const options = { host: '127.0.0.1', port, localAddress, ca: certificate.ca, ...more };
  const socket: TLSSocket = connectTls(options);
  const caller = callerOn(socket);
  await once(socket, 'secureConnect');
  return caller;
}

/** callTcp opens a connection without TLS. */
export async function callTcp(port: number, localAddress: string): Promise<Caller> {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress });
  const caller = callerOn(socket);
  await once(socket, 'connect');
  return caller;
}

/** many opens so many connections, fifty at a time. */
export async function many(count: number, open: () => Promise<Caller>): Promise<Caller[]> {
  const callers: Caller[] = [];
  while (callers.length < count) {
    callers.push(...(await Promise.all(Array.from({ length: Math.min(50, count - callers.length) }, open))));
  }
  return callers;
}

/** Reply is how one request was answered. */
export interface Reply {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

/** ask sends one request, on a connection of its own where no agent is given. Rejects where it is cut off. */
export function ask(
  port: number,
  body: string,
  { path = '/validate', agent = new Agent(), localAddress = API_SERVER } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers, agent, localAddress, ca: certificate.ca };
    const sent = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection, body }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** head is a request's, with a body of so many bytes to come. */
export function head(bytes: number, path = '/validate'): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
}
