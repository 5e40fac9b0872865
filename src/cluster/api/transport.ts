import type { IncomingMessage } from 'node:http';
import type { Json } from '../../objects/fields.ts';
import { onAbort, unlessAborted } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { LinkedAbort } from '../../runtime/linked-abort.ts';
import { Connections } from '../access/connections.ts';
import type { Credentials } from '../access/credentials.ts';
import { apiErrorOf, NoAnswer } from './api-error.ts';
import type { ByteBudget } from './byte-budget.ts';
import { bodyText, lines } from './lines.ts';
import { parseObject } from './watch-event.ts';

/** Verb is the name of a request in RBAC and metrics. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/**
 * RequestObserver is told about every request when its answer begins or fails: `code` is the HTTP status, or `<error>`
 * if there was none, as in client-go's `rest_client_requests_total`.
 */
export type RequestObserver = (verb: Verb, resource: string, code: string, milliseconds: number) => void;

/** RequestOptions are what one request may vary. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Another form of the answer, such as only metadata. */
  readonly accept?: string | undefined;
  /** Longest wait for the whole answer, of a watch for its head; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** Shared by the answers of one piece of work; exceeding it throws BudgetSpent. */
  readonly budget?: ByteBudget | undefined;
  /** The longest answer that is read; 64 MiB by default. Beyond it, AnswerTooLarge. */
  readonly maxBytes?: number | undefined;
}

/** Call is one request, as the API server accepts it. */
export interface Call extends RequestOptions {
  readonly verb: Verb;
  /** The resource as metrics name it. */
  readonly label: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  /** See Exchange. */
  readonly beforeSending?: (() => void) | undefined;
}

/** TransportOptions are what a transport is made of. */
export interface TransportOptions {
  readonly credentials: Credentials;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Such as `netpol-guard/1.2.3`. */
  readonly userAgent: string;
  readonly onRequest?: RequestObserver | undefined;
  /** Told what the API server's clock says, in milliseconds since the epoch and to the second, with every answer. */
  readonly onServerTime?: ((time: number) => void) | undefined;
}

const METHODS = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
} as const;
/** Half of the 60 s that kube-apiserver gives a request. */
const TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 64 * 2 ** 20;
/** etcd holds 1.5 MiB an object, JSON escapes can double that, and managedFields again. */
const MAX_LINE_BYTES = 8 * 2 ** 20;

/** Transport carries calls: it authenticates, counts, bounds them in time and size, and makes errors of refusals. */
export class Transport {
  private readonly options: TransportOptions;
  private readonly connections: Connections;

  constructor(options: TransportOptions) {
    this.options = options;
    this.connections = new Connections(options.credentials);
  }

  async json(call: Call): Promise<Json> {
    return this.bounded(call, async (signal) => {
      const most = call.maxBytes ?? MAX_BODY_BYTES;
      const text = await bodyText(await this.open(call, signal), most, what(call), call.budget);
      return parseObject(text, what(call));
    });
  }

  /** stream ends when the head of the answer is there; its lines follow until the server or call.signal ends them. */
  async stream(call: Call): Promise<AsyncIterable<string>> {
    const session = new LinkedAbort(call.signal);
    try {
      const response = await this.bounded(call, async (signal) => {
        onAbort(signal, () => session.abort(signal.reason));
        return this.open(call, session.signal);
      });
      return linesOf(response, session);
    } catch (error) {
      session.release();
      throw error;
    }
  }

  close(): void {
    this.connections.close();
  }

  /** Ends the work when the caller gives up or the time is over, and tells which. */
  private async bounded<T>(call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new LinkedAbort(call.signal);
    const limit = call.timeoutMs ?? TIMEOUT_MS;
    const timer = setTimeout(() => abort.abort(new NoAnswer(what(call), limit)), limit);
    try {
      return await work(abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      clearTimeout(timer);
      abort.release();
    }
  }

  private async open(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const startedAt = this.options.clock.elapsed();
    const count = (code: string) =>
      this.options.onRequest?.(call.verb, call.label, code, this.options.clock.elapsed() - startedAt);
    let response: IncomingMessage;
    try {
      response = await this.send(call, signal);
    } catch (error) {
      count('<error>');
      throw error;
    }
    const code = response.statusCode ?? 0;
    count(String(code));
    const time = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(time)) this.options.onServerTime?.(time);
    if (code === 401) this.options.credentials.refused();
    if (code >= 200 && code < 300) return response;
    throw apiErrorOf(what(call), code, await bodyText(response, MAX_BODY_BYTES, what(call)), retryAfter(response));
  }

  private async send(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    // A plugin that gives credentials may never end.
    const access = await unlessAborted(this.options.credentials.access(), signal);
    signal.throwIfAborted();
    const headers: Record<string, string> = {
      accept: call.accept ?? 'application/json',
      'user-agent': this.options.userAgent,
      ...access.headers,
    };
    if (call.body !== undefined) {
      headers['content-type'] = call.contentType ?? 'application/json';
      // Node omits it in a DELETE.
      headers['content-length'] = String(Buffer.byteLength(call.body));
    }
    const { body, beforeSending } = call;
    return this.connections.exchange(
      {
        method: METHODS[call.verb],
        url: this.urlOf(call),
        headers,
        signal,
        body,
        beforeSending,
      },
      access,
    );
  }

  private urlOf({ path, query = {} }: Call): URL {
    const { server } = this.options.credentials;
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    return url;
  }
}

async function* linesOf(response: IncomingMessage, session: LinkedAbort): AsyncGenerator<string> {
  try {
    yield* lines(response, MAX_LINE_BYTES);
  } catch (error) {
    throw session.signal.aborted ? session.signal.reason : error;
  } finally {
    session.release();
    response.destroy();
  }
}

function what(call: Call): string {
  return `${call.verb} ${call.path}`;
}

function retryAfter(response: IncomingMessage): string | undefined {
  return response.headers['retry-after'];
}
