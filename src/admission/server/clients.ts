import type { FastifyRequest } from 'fastify';
import type { Time } from '../../runtime/clock.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { AdmissionObserver, CutReason } from '../review/observer.ts';
import { addressGroup } from './client-address.ts';
import { ConnectionBook, type ConnectionLimits } from './connections.ts';

type Socket = FastifyRequest['raw']['socket'];

/** TlsServer is the part of a server that reports its connections: first TCP, then TLS. */
interface TlsServer {
  prependListener(event: 'connection' | 'secureConnection', listener: (socket: Socket) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** WebhookClient is the client at the other end of a connection. */
export interface WebhookClient {
  readonly socket: Socket;
  /** The unanswered request. */
  asking: object | undefined;
  /** Ends the wait for its body with an error; absent where none is waited for. */
  giveUp: ((error: Error) => void) | undefined;
}

/** Clients are the connections of a server, with their accounting. */
export interface Clients {
  readonly books: ConnectionBook<WebhookClient>;
  /** of returns the client of a TLS connection; undefined without a socket, as in a test that injects requests. */
  of(connection: object): WebhookClient | undefined;
  /** cutOff ends connections. */
  cutOff(clients: readonly WebhookClient[], reason: CutReason): void;
}

/** How often slow clients are looked for, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** watchClients accounts for a TLS server's connections from before their handshakes, and closes those that must go. */
export function watchClients(
  server: TlsServer,
  limits: ConnectionLimits,
  clock: Time,
  observer: Pick<AdmissionObserver, 'cutOff'>,
): Clients {
  const books = new ConnectionBook<WebhookClient>(limits, clock);
  /** By name, since a TLS connection does not expose its TCP connection. */
  const byName = new Map<string, WebhookClient>();
  const byConnection = new WeakMap<object, WebhookClient>();

  const cutOff: Clients['cutOff'] = (clients, reason) => {
    for (const { socket } of clients) {
      observer.cutOff(reason);
      socket.destroy();
    }
  };
  server.prependListener('connection', (socket: Socket) => {
    const client: WebhookClient = { socket, asking: undefined, giveUp: undefined };
    const name = nameOf(socket);
    byName.set(name, client);
    socket.once('close', () => {
      books.closed(client);
      if (byName.get(name) === client) byName.delete(name);
    });
    cutOff(books.opened(client, addressGroup(socket.remoteAddress)), 'connections');
  });
  server.prependListener('secureConnection', (connection: Socket) => {
    const client = byName.get(nameOf(connection));
    if (client !== undefined) byConnection.set(connection, client);
  });

  // Data that arrived while the thread was busy is read before a client counts as slow.
  const look = () => setImmediate(endSlow);
  const timer = setInterval(look, Math.min(LOOK_EVERY_MS, limits.bodyTimeout / 4, limits.answerTimeout / 4)).unref();
  server.once('close', () => clearInterval(timer));

  function endSlow(): void {
    for (const { connection: client, waitsFor } of books.slow()) {
      if (waitsFor === 'answer' || client.giveUp === undefined) cutOff([client], waitsFor);
      else client.giveUp(new BadRequest(408, `the body did not arrive within ${limits.bodyTimeout / 1000} s`));
    }
  }

  return { books, of: (connection) => byConnection.get(connection), cutOff };
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
