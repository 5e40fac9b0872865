import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Time } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { BadRequest, Overloaded } from '../review/bad-request.ts';
import { failureOf } from '../review/failure.ts';
import type { ReviewHandler } from '../review/handler.ts';
import type { AdmissionObserver } from '../review/observer.ts';
import { type ReadReview, readReview, uidIn } from '../review/read-review.ts';
import { reviewOf } from '../review/response.ts';
import { type AdmissionRequest, resourceText } from '../review/review.ts';
import { bodyParser } from './body.ts';
import { Capacity } from './capacity.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import { demandClient } from './client-certificate.ts';
import { type Clients, type WebhookClient, watchClients } from './clients.ts';
import { createHttpsServer } from './https-server.ts';
import { LIMITS, type ServerLimits } from './limits.ts';
import type { PathOptions } from './path-secret.ts';
import { Paths } from './paths.ts';
import { recordDecision, recordFailure } from './record-answer.ts';
import { bodyWatch, deadlineOf, takeBody, whenClosed } from './request.ts';
import { passRest } from './rest-of-body.ts';
import { Reticence } from './reticence.ts';

export { LIMITS };

/** ServerOptions are the inputs of the webhook's app. */
export interface ServerOptions extends PathOptions {
  /** By path, then by resource as resourceText spells it. */
  readonly routes: ReadonlyMap<string, ReadonlyMap<string, ReviewHandler>>;
  /**
   * PEM; replaced later with `setSecureContext`. Without a pair every handshake fails; `ca` is for clients' certificates.
   */
  readonly tls: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  /**
   * Names of which a client's certificate must have one; empty for any certificate that `ca` has signed; absent if none
   * is required.
   */
  readonly clientNames?: readonly string[] | undefined;
  /** notReady names what must be ready before a review can be judged; empty once everything is. */
  readonly notReady: () => readonly string[];
  /** Reads a body that is so large that others would have to wait; without it, such a body is read like all others. */
  readonly readLarge?: ((body: Uint8Array, deadline: number) => Promise<ReadReview>) | undefined;
  readonly clock: Time;
  readonly observer: AdmissionObserver;
  readonly log: Logger;
  readonly limits?: Partial<ServerLimits> | undefined;
}

/** createAdmissionServer makes the webhook: HTTP/1.1 over TLS. It does not listen by itself. */
export function createAdmissionServer(options: ServerOptions): AdmissionServer {
  return new AdmissionServer(options);
}

/** AdmissionServer is the webhook's app: it checks clients, reads bodies and answers. */
export class AdmissionServer {
  readonly app: ReturnType<AdmissionServer['createApp']>;
  private readonly options: ServerOptions;
  private readonly limits: ServerLimits;
  private readonly clock: Time;
  private readonly capacity: Capacity;
  private readonly reticence: Reticence | undefined;
  private readonly paths: Paths;
  private readonly clients: Clients;
  private open = 0;
  private isClosing = false;
  private lastArrival: number;

  constructor(options: ServerOptions) {
    const { routes, clock, observer, clientNames } = options;
    this.options = options;
    this.limits = { ...LIMITS, ...options.limits };
    this.clock = clock;
    this.lastArrival = clock.elapsed();
    this.capacity = new Capacity(this.limits);
    this.reticence = clientNames === undefined ? new Reticence(this.limits, clock) : undefined;
    this.paths = new Paths(routes.keys(), options, this.limits.pathPatience);
    this.app = this.createApp();
    this.clients = watchClients(this.app.server, this.limits, clock, observer);
    this.addParser();
    this.addHooks();
    for (const [path, handlers] of routes) this.addRoute(path, handlers);
  }

  /** announceClosing makes every answer from now on the last of its connection. */
  announceClosing(): void {
    this.isClosing = true;
  }

  /** quietFor is the number of milliseconds since a request was in progress or arrived. */
  quietFor(): number {
    return this.open > 0 ? 0 : this.clock.elapsed() - this.lastArrival;
  }

  /** setSecureContext presents another certificate to new connections. */
  setSecureContext(context: object): void {
    // What is not set again is lost.
    this.app.server.setSecureContext({ ...context, ...CIPHER_SUITES });
  }

  private createApp() {
    const { tls, clientNames } = this.options;
    const shown = { tls, demandsClient: clientNames !== undefined };
    return fastify({
      serverFactory: (handle) =>
        createHttpsServer(shown, this.limits, (request, response) => this.begins(request) && handle(request, response)),
      logger: false,
      return503OnClosing: false,
      exposeHeadRoutes: false,
      frameworkErrors: (error, request, reply) => this.fail(error, request, reply),
      rewriteUrl: (raw) => this.paths.route(raw),
    });
  }

  private addParser(): void {
    const { app, limits, clients } = this;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/json',
      bodyParser(bodyWatch(clients), limits, (body, request: FastifyRequest) => this.read(body, request)),
    );
    app.decorateRequest('arrival', 0);
    app.decorateRequest('client', undefined);
    app.decorateRequest('place', undefined);
    app.decorateRequest('uid', undefined);
  }

  private addHooks(): void {
    const { app } = this;
    app.addHook('onRequest', (request, reply, done) => {
      this.letIn(request, reply);
      done();
    });
    app.addHook('onRequest', (request, reply) => this.demandPath(request, reply));
    app.addHook('onSend', (request, reply, payload, done) => {
      this.send(request, reply, payload);
      done(null, payload);
    });
    app.setErrorHandler((error, request, reply) => this.fail(error, request, reply));
  }

  private addRoute(path: string, handlers: ReadonlyMap<string, ReviewHandler>): void {
    this.app.post(path, async (request, reply) => {
      const { request: review, answer: known } = takeBody(request);
      request.uid = review.uid;
      const handle = handlers.get(resourceText(review)) ?? refuseResource(review, path, [...handlers.keys()]);
      const answer = known ?? (await handle(review, deadlineOf(request), (gone) => whenClosed(reply, gone)));
      // A client that does not read its answer does not delay others.
      this.release(request);
      this.prove(request.client);
      recordDecision(review, answer, this.clock.elapsed() - request.arrival, this.options);
      return reviewOf(review.uid, this.reticence?.toldTo(this.addressOf(request.client), answer) ?? answer.response);
    });
  }

  /**
   * One request at a time: a client that sends the next one before the answer would have more places than connections.
   */
  private begins(request: FastifyRequest['raw']): boolean {
    const client = this.clients.of(request.socket);
    if (client === undefined) return true;
    if (client.asking === undefined && !client.socket.destroyed) {
      client.asking = request;
      return true;
    }
    if (!client.socket.destroyed) this.options.observer.refused(400);
    client.socket.destroy();
    return false;
  }

  private letIn(request: FastifyRequest, reply: FastifyReply): void {
    const { clients, paths } = this;
    const { clientNames } = this.options;
    this.lastArrival = this.clock.elapsed();
    request.arrival = this.lastArrival;
    const client = clients.of(request.raw.socket);
    request.client = client;
    if (client !== undefined) clients.books.bodyBegins(client);
    this.count(1);
    // `close` fires once for every response, even if the client has disconnected.
    reply.raw.once('close', () => {
      this.count(-1);
      this.release(request);
      if (client !== undefined) clients.books.answerRead(client);
    });
    if (clientNames !== undefined) demandClient(request.raw.socket, clientNames);
    if (request.is404) this.refuseUnknown(request, reply);
    if (clientNames !== undefined || paths.isProven(request.raw)) this.prove(client);
  }

  private async demandPath(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!(await this.paths.isThere(request.raw))) throw this.paths.refusal();
    // Its body will not arrive any more, and no event would tell.
    if (reply.raw.destroyed) throw new BadRequest(400, 'the client has gone away');
    const missing = this.options.notReady();
    if (missing.length > 0) throw new Overloaded('starting', `not ready: ${missing.join(', ')}`);
  }

  private async read(body: Buffer, request: FastifyRequest): Promise<ReadReview> {
    const { client } = request;
    const { readLarge } = this.options;
    try {
      request.place = this.capacity.enter(this.addressOf(client), body.length);
      if (client !== undefined) this.clients.books.judging(client);
      if (body.length <= this.limits.freeBytes || readLarge === undefined) return readReview(body);
      return await readLarge(body, deadlineOf(request));
    } catch (error) {
      request.uid = uidIn(body);
      throw error;
    }
  }

  private send({ client, raw }: FastifyRequest, reply: FastifyReply, payload: unknown): void {
    if (this.isClosing) reply.header('connection', 'close');
    if (client === undefined) return;
    if (client.asking === raw) client.asking = undefined;
    const bytes = typeof payload === 'string' ? payload.length : 0;
    this.clients.cutOff(this.clients.books.answered(client, bytes), 'bytes');
  }

  private fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { books } = this.clients;
    const { status, code, body, isRetried } = failureOf(error, request.uid, request.headers['content-type']);
    if (isRetried) reply.header('retry-after', '1');
    recordFailure(error, status.code, request.url, this.options);
    this.release(request);
    const { client } = request;
    const isAtFault = status.code < 500;
    const isLast = isAtFault || (client !== undefined && !books.isProven(client));
    // Fastify would do so whenever a body was not read.
    reply.header('connection', isLast ? 'close' : 'keep-alive');
    const answer = () => {
      if (client !== undefined) books.bodyEnds(client);
      void reply.code(code).type('application/json').send(JSON.stringify(body));
    };
    if (status.code === 408) answer();
    else passRest(request.raw, this.limits.restOfBody, answer);
  }

  private refuseUnknown(request: FastifyRequest, reply: FastifyReply): never {
    if (!this.paths.isKnown(request.raw)) throw this.paths.refusal();
    reply.header('allow', 'POST');
    throw new BadRequest(405, `method is ${request.method}, expected POST`);
  }

  private count(more: 1 | -1): void {
    this.open += more;
    this.options.observer.inFlight(this.open);
  }

  private prove(client: WebhookClient | undefined): void {
    if (client !== undefined) this.clients.cutOff(this.clients.books.proved(client), 'connections');
  }

  private addressOf(client: WebhookClient | undefined): string {
    return client === undefined ? '' : this.clients.books.addressOf(client);
  }

  private release(request: FastifyRequest): void {
    const { place } = request;
    request.place = undefined;
    if (place !== undefined) this.capacity.leave(place);
  }
}

function refuseResource(review: AdmissionRequest, path: string, expected: readonly string[]): never {
  const found = resourceText(review).slice(0, 256);
  throw new BadRequest(400, `request.resource: is ${found}, but ${path} judges ${expected.join(' and ')}`);
}
