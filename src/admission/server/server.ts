import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Time } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { BadRequest, Overloaded } from '../review/bad-request.ts';
import { failureOf } from '../review/failure.ts';
import type { ReviewHandler } from '../review/handler.ts';
import type { AdmissionObserver } from '../review/observer.ts';
import { type ReadReview, readReview, uidIn } from '../review/read-review.ts';
import { reviewOf } from '../review/response.ts';
import { type AdmissionRequest, parseAdmissionReview, resourceText } from '../review/review.ts';
import { type BodyWatch, bodyParser } from './body.ts';
import { Capacity, type Place } from './capacity.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import { demandClient } from './client-certificate.ts';
import { type Clients, type WebhookClient, watchClients } from './clients.ts';
import { millisecondsToAnswer } from './deadline.ts';
import { createHttpsServer } from './https-server.ts';
import { LIMITS, type ServerLimits } from './limits.ts';
import type { PathOptions } from './path-secret.ts';
import { Paths } from './paths.ts';
import { recordDecision, recordFailure } from './record-answer.ts';
import { passRest } from './rest-of-body.ts';
import { Reticence } from './reticence.ts';

export { LIMITS };

declare module 'fastify' {
  interface FastifyRequest {
    /** When its headers had been read, by Clock.elapsed. */
    arrival: number;
    /** Absent where no socket is. */
    client: WebhookClient | undefined;
    /** As it is counted into the capacity, while it is. */
    place: Place | undefined;
    /** Of the review, as far as it is known. */
    uid: string | undefined;
  }
}

/** ServerOptions are what the webhook's app is made of. */
export interface ServerOptions extends PathOptions {
  /** By path, then by resource as resourceText spells it. */
  readonly routes: ReadonlyMap<string, ReadonlyMap<string, ReviewHandler>>;
  /**
   * PEM; replaced later with `setSecureContext`. Without a pair every handshake fails; `ca` is for clients' certificates.
   */
  readonly tls: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  /** Names of which a client's certificate has to bear one, empty for any that `ca` has signed; absent: none is asked. */
  readonly clientNames?: readonly string[] | undefined;
  /** notReady names what has to be there before a review can be judged; empty once all is. */
  readonly notReady: () => readonly string[];
  /** Reads a body that is too large to keep others waiting; without it, it is read as all others are. */
  readonly readLarge?: ((body: Uint8Array, deadline: number) => Promise<ReadReview>) | undefined;
  readonly clock: Time;
  readonly observer: AdmissionObserver;
  readonly log: Logger;
  readonly limits?: Partial<ServerLimits> | undefined;
}

/** AdmissionServer is the webhook's app, as createAdmissionServer makes it. */
export type AdmissionServer = ReturnType<typeof createAdmissionServer>;

/** createAdmissionServer makes the webhook: HTTP/1.1 over TLS. It listens nowhere by itself. */
export function createAdmissionServer(options: ServerOptions) {
  const { routes, clock, observer, clientNames } = options;
  const limits = { ...LIMITS, ...options.limits };
  const capacity = new Capacity(limits);
  const reticence = clientNames === undefined ? new Reticence(limits, clock) : undefined;
  const paths = new Paths(routes.keys(), options, limits.pathPatience);
  let open = 0;
  let closing = false;
  let lastArrival = clock.elapsed();

  const shown = { tls: options.tls, demandsClient: clientNames !== undefined };
  const app = fastify({
    serverFactory: (handle) =>
      createHttpsServer(shown, limits, (request, response) => begins(request) && handle(request, response)),
    logger: false,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: fail,
    rewriteUrl: (raw) => paths.route(raw),
  });
  const clients = watchClients(app.server, limits, clock, observer);
  const { books } = clients;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', bodyParser(bodyWatch(clients), limits, read));
  app.decorateRequest('arrival', 0);
  app.decorateRequest('client', undefined);
  app.decorateRequest('place', undefined);
  app.decorateRequest('uid', undefined);

  app.addHook('onRequest', (request, reply, done) => {
    request.arrival = lastArrival = clock.elapsed();
    const client = clients.of(request.raw.socket);
    request.client = client;
    if (client !== undefined) books.bodyBegins(client);
    open += 1;
    observer.inFlight(open);
    // `close` comes once for every response, also where the client has gone away.
    reply.raw.once('close', () => {
      open -= 1;
      observer.inFlight(open);
      release(request);
      if (client !== undefined) books.answerRead(client);
    });
    if (clientNames !== undefined) demandClient(request.raw.socket, clientNames);
    if (request.is404) refuseUnknown(request, reply);
    if (clientNames !== undefined || paths.isProven(request.raw)) prove(client);
    done();
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!(await paths.isThere(request.raw))) throw paths.refusal();
    // Its body comes no more, and no event would say so.
    if (reply.raw.destroyed) throw new BadRequest(400, 'the client has gone away');
    const missing = options.notReady();
    if (missing.length > 0) throw new Overloaded('starting', `not ready: ${missing.join(', ')}`);
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    const { client } = request;
    if (client !== undefined) {
      if (client.asking === request.raw) client.asking = undefined;
      clients.cutOff(books.answered(client, typeof payload === 'string' ? payload.length : 0), 'bytes');
    }
    done(null, payload);
  });
  app.setErrorHandler(fail);

  for (const [path, handlers] of routes) {
    app.post(path, async (request, reply) => {
      const { request: review, answer: known } = takeBody(request);
      request.uid = review.uid;
      const handle = handlers.get(resourceText(review)) ?? refuseResource(review, path, [...handlers.keys()]);
      const answer = known ?? (await handle(review, deadlineOf(request), (listener) => whenClosed(reply, listener)));
      // A client that does not read its answer keeps no other waiting.
      release(request);
      prove(request.client);
      recordDecision(review, answer, clock.elapsed() - request.arrival, options);
      return reviewOf(review.uid, reticence?.toldTo(addressOf(request.client), answer) ?? answer.response);
    });
  }

  async function read(body: Buffer, request: FastifyRequest): Promise<ReadReview> {
    const { client } = request;
    const { readLarge } = options;
    try {
      request.place = capacity.enter(addressOf(client), body.length);
      if (client !== undefined) books.judging(client);
      if (body.length <= limits.freeBytes || readLarge === undefined) return readReview(body);
      return await readLarge(body, deadlineOf(request));
    } catch (error) {
      request.uid = uidIn(body);
      throw error;
    }
  }

  function deadlineOf({ arrival, query }: FastifyRequest): number {
    return arrival + millisecondsToAnswer(timeoutOf(query));
  }

  /** One request at a time: who sends the next one before the answer would have more places than connections. */
  function begins(request: FastifyRequest['raw']): boolean {
    const client = clients.of(request.socket);
    if (client === undefined) return true;
    if (client.asking === undefined && !client.socket.destroyed) {
      client.asking = request;
      return true;
    }
    if (!client.socket.destroyed) observer.refused(400);
    client.socket.destroy();
    return false;
  }

  function prove(client: WebhookClient | undefined): void {
    if (client !== undefined) clients.cutOff(books.proved(client), 'connections');
  }

  function addressOf(client: WebhookClient | undefined): string {
    return client === undefined ? '' : books.addressOf(client);
  }

  function release(request: FastifyRequest): void {
    const { place } = request;
    request.place = undefined;
    if (place !== undefined) capacity.leave(place);
  }

  function refuseUnknown(request: FastifyRequest, reply: FastifyReply): never {
    if (!paths.isKnown(request.raw)) throw paths.refusal();
    reply.header('allow', 'POST');
    throw new BadRequest(405, `method is ${request.method}, expected POST`);
  }

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, code, body, isRetried } = failureOf(error, request.uid, request.headers['content-type']);
    if (isRetried) reply.header('retry-after', '1');
    recordFailure(error, status.code, request.url, options);
    release(request);
    const { client } = request;
    const isAtFault = status.code < 500;
    const isLast = isAtFault || (client !== undefined && !books.isProven(client));
    // Fastify would have it so wherever a body was not taken.
    reply.header('connection', isLast ? 'close' : 'keep-alive');
    const answer = () => {
      if (client !== undefined) books.bodyEnds(client);
      void reply.code(code).type('application/json').send(JSON.stringify(body));
    };
    if (status.code === 408) answer();
    else passRest(request.raw, limits.restOfBody, answer);
  }

  return {
    app,
    /** announceClosing makes every answer from now on the last of its connection. */
    announceClosing(): void {
      closing = true;
    },
    /** quietFor is for how many milliseconds nothing has been in hand or arrived. */
    quietFor(): number {
      return open > 0 ? 0 : clock.elapsed() - lastArrival;
    },
    /** setSecureContext shows another certificate to those who come from now on. */
    setSecureContext(context: object): void {
      // What is not said anew is forgotten.
      app.server.setSecureContext({ ...context, ...CIPHER_SUITES });
    },
  };
}

/** Books bodies as they arrive. */
function bodyWatch({ books, cutOff }: Clients): BodyWatch<FastifyRequest> {
  return {
    begins: ({ client }, giveUp) => {
      if (client !== undefined) client.giveUp = giveUp;
    },
    grew: ({ client }, bytes) => {
      if (client !== undefined) cutOff(books.bodyGrew(client, bytes), 'bytes');
    },
    mayBeLong: (beginning) => uidIn(beginning) !== undefined,
    ends: ({ client }) => {
      if (client === undefined) return;
      client.giveUp = undefined;
      books.bodyEnds(client);
    },
  };
}

/** The request lives until its answer has been sent, and what was read is twenty times as large as what was sent. */
function takeBody(request: FastifyRequest): ReadReview {
  const body = request.body as ReadReview | undefined;
  request.body = undefined;
  // Where there is no content type, it has not been read.
  return body ?? { request: parseAdmissionReview(undefined) };
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
