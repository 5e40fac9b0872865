import { createSocket } from 'node:dgram';
import { createConnection } from 'node:net';
import type { Failure } from './operation.ts';

/** Destination is where bytes go, and how long to wait for some to come back. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** Accept takes what has come back so far, and returns undefined for as long as more is needed. */
type Accept<T> = (received: Buffer) => T | undefined;

/**
 * exchangeOverUdp sends one datagram from a new port. The socket is connected, so that a refusal that comes back
 * (ICMP port unreachable, whether of a firewall or for lack of a listener) is seen and not waited out.
 */
export function exchangeOverUdp<T>(to: Destination, message: Buffer, accept: Accept<T>): Promise<T | Failure> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const late = setTimeout(() => finish('timeout'), to.timeoutMs);
    const finish = (outcome: T | Failure | Error) => {
      clearTimeout(late);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    socket.on('error', (error) => finish(failureOf(error)));
    socket.on('message', (received) => {
      const accepted = accept(received);
      if (accepted !== undefined) finish(accepted);
    });
    socket.connect(to.port, to.host, () => socket.send(message));
  });
}

/** exchangeOverTcp opens a connection, sends the message and reads until `accept` has what it wants. */
export function exchangeOverTcp<T>(to: Destination, message: Buffer, accept: Accept<T>): Promise<T | Failure> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(to.port, to.host);
    let received: Buffer = Buffer.alloc(0);
    const late = setTimeout(() => finish('timeout'), to.timeoutMs);
    const finish = (outcome: T | Failure | Error) => {
      clearTimeout(late);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const judge = () => {
      const accepted = accept(received);
      if (accepted !== undefined) finish(accepted);
    };
    socket.on('error', (error) => finish(failureOf(error)));
    socket.on('connect', () => {
      socket.write(message);
      judge();
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      judge();
    });
    // Accepted and closed again without a word is no answer.
    socket.on('end', () => finish('refused'));
  });
}

const FAILURES: ReadonlyMap<string, Failure> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'refused'],
  ['EPIPE', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  // What a firewall on the machine itself makes of a packet that it drops on the way out.
  ['EPERM', 'refused'],
  ['ETIMEDOUT', 'timeout'],
]);

/** Anything else is a fault of the probe or of its question, never a verdict on the network. */
function failureOf(error: NodeJS.ErrnoException): Failure | Error {
  return FAILURES.get(error.code ?? '') ?? error;
}
