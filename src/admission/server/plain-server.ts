import { createServer, type RequestListener, type Server } from 'node:http';
import fastify, { type FastifyRequest } from 'fastify';
import { Shares } from '../../runtime/shares.ts';
import { addressGroup } from './client-address.ts';
import { FirstRequest } from './first-request.ts';

type Socket = FastifyRequest['raw']['socket'];

/** PlainLimits bound the ports of plain HTTP. */
export interface PlainLimits {
  /** Beyond this number, the oldest connection of the address with most of them is closed. */
  readonly connections: number;
  /** How long a connection may last, in milliseconds. */
  readonly lifetime: number;
}

/** A probe and a scrape each take a connection for some milliseconds. */
const PLAIN_LIMITS: PlainLimits = { connections: 200, lifetime: 5000 };

/**
 * createPlainServer makes an app of plain HTTP, which answers once on each connection. It cannot be filled up: new
 * connections are served, and idle ones are closed for them, after five seconds in any case. It does not listen by
 * itself.
 */
export function createPlainServer(limits: Partial<PlainLimits> = {}) {
  const { connections, lifetime } = { ...PLAIN_LIMITS, ...limits };
  const app = fastify({
    logger: false,
    serverFactory: (handle) => serverOfFirst(lifetime, handle),
    return503OnClosing: false,
    exposeHeadRoutes: false,
    bodyLimit: 1,
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('connection', 'close');
    done(null, payload);
  });
  const shares = new Shares<Socket>({ total: connections, perOwner: connections });
  app.server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), lifetime);
    socket.once('close', () => {
      clearTimeout(timer);
      shares.drop(socket);
    });
    for (const oldest of shares.take(socket, addressGroup(socket.remoteAddress), 1)) oldest.destroy();
  });
  return app;
}

/** Node's server, which only sees the first request of each connection. */
function serverOfFirst(lifetime: number, handle: RequestListener): Server {
  const server = createServer({ requestTimeout: lifetime }, handle);
  const [serve] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (connection: Socket) => void serve?.call(server, new FirstRequest(connection)));
  return server;
}
