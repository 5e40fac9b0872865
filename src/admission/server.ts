import fastify, { type FastifyReply, type FastifyRequest, type RouteHandlerMethod } from 'fastify';
import { BadRequest, Overloaded } from './bad-request.ts';
import { jsonBodyParser } from './body.ts';
import { Capacity } from './capacity.ts';
import { demandClient } from './client-certificate.ts';
import { millisecondsToAnswer } from './deadline.ts';
import { statusOf } from './http-status.ts';
import type { AdmissionObserver, Clock, Logger } from './observer.ts';
import { isThere, type PathOptions, pathsOf, withoutSecret } from './path-secret.ts';
import type { ReviewHandler } from './policies.ts';
import { type Answer, reviewOf } from './response.ts';
import { type AdmissionRequest, parseAdmissionReview, resourceText } from './review.ts';

declare module 'fastify' {
  interface FastifyRequest {
    bodyBytes: number;
    /** When its headers had been read, by Clock.elapsed. */
    arrival: number;
  }
}

/** Limits of the webhook port. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
  /** Object and old object take up to 3 MiB each, and 1 MiB is for the rest (controller-runtime, admission/http.go). */
  body: 7 * 1024 * 1024,
  headers: 16 * 1024,
  /** As controller-runtime's internal/httpserver. */
  headersTimeout: 32_000,
  requestTimeout: 30_000,
  handshakeTimeout: 10_000,
  /** For what a path has to be asked about; the rest of the entries' five seconds is for the verdict. */
  pathPatience: 3000,
  /** Longer than the API server keeps idle connections (90 s): who closes first makes the other's next call fail. */
  keepAliveTimeout: 120_000,
  /** An API server keeps 25 idle connections to a host; this is for dozens of them, and bursts. */
  connections: 2000,
  requests: 500,
  /** Parsed, a body takes some three times its size in memory; one of empty objects twenty times, but one at a time. */
  inFlightBytes: 64 * 1024 * 1024,
  /** No ordinary review is larger. */
  freeBytes: 64 * 1024,
};

/** ServerOptions are what the webhook's app is made of. */
export interface ServerOptions extends PathOptions {
  /** By path, then by resource as resourceText spells it. */
  readonly routes: ReadonlyMap<string, ReadonlyMap<string, ReviewHandler>>;
  /**
   * PEM; replaced later with `setSecureContext`. Without a pair every handshake fails; `ca` is for clients' certificates.
   */
  readonly tls: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  /** Names of which a client's certificate has to bear one, empty for any that `ca` has signed; absent: none is asked. */
  readonly clientNames?: readonly string[];
  /** missing names what has to be there before a review can be judged; empty once all is. */
  readonly missing: () => readonly string[];
  readonly clock: Clock;
  readonly observer: AdmissionObserver;
  readonly log: Logger;
  readonly limits?: Partial<typeof LIMITS>;
}

/** AdmissionServer is the webhook's app, as createAdmissionServer makes it. */
export type AdmissionServer = ReturnType<typeof createAdmissionServer>;

/** createAdmissionServer makes the webhook: HTTP/1.1 over TLS. It listens nowhere by itself. */
export function createAdmissionServer(options: ServerOptions) {
  const { routes, clock, observer, log, clientNames } = options;
  const limits = { ...LIMITS, ...options.limits };
  const { requests: maxRequests, inFlightBytes: maxBytes, freeBytes } = limits;
  const capacity = new Capacity({ maxRequests, maxBytes, freeBytes });
  let closing = false;
  let lastArrival = clock.elapsed();

  const app = fastify({
    https: {
      ...options.tls,
      ALPNProtocols: ['http/1.1'],
      // Who shows none is refused with a sentence that the API server passes on.
      requestCert: clientNames !== undefined,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshakeTimeout,
      maxHeaderSize: limits.headers,
      connectionsCheckingInterval: Math.min(5000, limits.requestTimeout),
    },
    logger: false,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: fail,
  });
  app.server.headersTimeout = limits.headersTimeout;
  app.server.maxConnections = limits.connections;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', jsonBodyParser(capacity, limits.body));
  app.decorateRequest('bodyBytes', 0);
  app.decorateRequest('arrival', 0);

  app.addHook('onRequest', (request, reply, done) => {
    request.arrival = lastArrival = clock.elapsed();
    if (clientNames !== undefined) demandClient(request.raw.socket, clientNames);
    if (request.is404) refuseUnknown(request, reply);
    done();
  });
  app.addHook('onRequest', async (request, reply) => {
    // Who has gone away meanwhile is not let in: nobody would tell that it has left.
    if (!(await isThere(request.params, options, limits.pathPatience)) || reply.raw.destroyed) throw noSuchPath();
  });
  app.addHook('onRequest', (request, reply, done) => {
    const missing = options.missing();
    if (missing.length > 0) throw new Overloaded('starting', `not ready: ${missing.join(', ')}`);
    capacity.enter();
    observer.inFlight(capacity.requests);
    // `close` comes once for every response, also where the client has gone away.
    reply.raw.once('close', () => {
      capacity.leave(request.bodyBytes);
      observer.inFlight(capacity.requests);
    });
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setErrorHandler(fail);

  for (const [path, handlers] of routes) {
    const judge: RouteHandlerMethod = async (request, reply) => {
      const { body } = request;
      // The request lives until its answer has been sent, and what was read is twenty times as large as what was sent.
      request.body = undefined;
      const review = parseAdmissionReview(body);
      const handle = handlers.get(resourceText(review)) ?? refuseResource(review, path, [...handlers.keys()]);
      const deadline = request.arrival + millisecondsToAnswer(timeoutOf(request.query));
      const answer = await handle(review, deadline, (listener) => whenClosed(reply, listener));
      record(review, answer, clock.elapsed() - request.arrival);
      return reviewOf(review.uid, answer);
    };
    for (const route of pathsOf(path)) app.post(route, judge);
  }

  function noSuchPath(): BadRequest {
    return new BadRequest(404, `no such path; there is ${[...routes.keys()].join(', ')}`);
  }

  function refuseUnknown(request: FastifyRequest, reply: FastifyReply): never {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!routes.has(path)) throw noSuchPath();
    reply.header('allow', 'POST');
    throw new BadRequest(405, `method is ${request.method}, expected POST`);
  }

  function record(review: AdmissionRequest, { allowed, status }: Answer, milliseconds: number): void {
    const { uid, operation, namespace, name, dryRun, user } = review;
    const resource = resourceText(review);
    observer.decided({ operation, resource: review.resource.resource, allowed, dryRun, seconds: milliseconds / 1000 });
    const rules = status?.details && [...new Set(status.details.causes.map(({ reason }) => reason))];
    const ms = Math.round(milliseconds * 1000) / 1000;
    const who = user.username.slice(0, 256);
    log.info(
      { uid, operation, resource, namespace, name, user: who, dryRun, allowed, ...(rules && { rules }), ms },
      'decided',
    );
  }

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const status = statusOf(error, request.headers['content-type']);
    if (error instanceof Overloaded) {
      observer.shed(error.reason);
      reply.header('retry-after', '1');
    } else if (status.code < 500) {
      observer.refused(status.code);
    } else {
      observer.panicked();
      log.error({ err: error, path: withoutSecret(request.url) }, 'a bug: a review was answered with 500');
    }
    void reply.code(status.code).type('application/json').send(JSON.stringify(status));
  }

  return {
    app,
    /** announceClosing makes every answer from now on the last of its connection. */
    announceClosing(): void {
      closing = true;
    },
    /** quietFor is for how many milliseconds nothing has been in hand or arrived. */
    quietFor(): number {
      return capacity.requests > 0 ? 0 : clock.elapsed() - lastArrival;
    },
  };
}

/** Where the client is gone already, `close` has been and comes no more. */
function whenClosed({ raw }: FastifyReply, listener: () => void): void {
  if (raw.destroyed) listener();
  else raw.once('close', listener);
}

function refuseResource(review: AdmissionRequest, path: string, expected: readonly string[]): never {
  const found = resourceText(review).slice(0, 256);
  throw new BadRequest(400, `request.resource: is ${found}, but ${path} judges ${expected.join(' and ')}`);
}

function timeoutOf(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null || !('timeout' in query)) return undefined;
  return String(query.timeout);
}
