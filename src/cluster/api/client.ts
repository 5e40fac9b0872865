import type { Json } from '../../objects/fields.ts';
import { groupResource, type Resource, resourcePath } from './resource.ts';
import { type Call, type RequestOptions, Transport, type TransportOptions, type Verb } from './transport.ts';
import { readWatchEvent, type WatchEvent } from './watch-event.ts';

interface Patch {
  readonly type: 'application/json-patch+json' | 'application/merge-patch+json' | 'application/apply-patch+yaml';
  readonly body: unknown;
}

/**
 * Client makes all requests to the API server, over one pool of connections. Methods throw ApiError for a refusal,
 * MalformedAnswer for an unreadable answer, and Node's own errors if the connection fails.
 */
export class Client {
  private readonly transport: Transport;
  private readonly guard: Pick<Call, 'beforeSending'>;

  constructor(options: TransportOptions | Transport, guard: Pick<Call, 'beforeSending'> = {}) {
    this.transport = options instanceof Transport ? options : new Transport(options);
    this.guard = guard;
  }

  /**
   * guardedBy returns a client over the same connections that calls `check` just before each write is sent. If it
   * throws, the write is not sent and throws the same.
   */
  guardedBy(check: () => void): Client {
    return new Client(this.transport, { beforeSending: check });
  }

  get(resource: Resource, name: string, options: RequestOptions): Promise<Json> {
    return this.transport.json(callOf('get', resource, name, options));
  }

  /** list returns one page as it is; `continue` in its metadata leads to the next. */
  list(resource: Resource, options: RequestOptions): Promise<Json> {
    return this.transport.json(callOf('list', resource, undefined, options));
  }

  /** document reads a path that is not a resource, such as `/apis`. */
  document(path: string, options: RequestOptions): Promise<Json> {
    return this.transport.json({ verb: 'get', label: path, path, ...options });
  }

  create(resource: Resource, object: Json, options: RequestOptions): Promise<Json> {
    return this.write(callOf('create', resource, undefined, options), object);
  }

  /** update replaces an object; with a resourceVersion in its metadata only that version (else 409, Conflict). */
  update(resource: Resource, name: string, object: Json, options: RequestOptions): Promise<Json> {
    return this.write(callOf('update', resource, name, options), object);
  }

  patch(resource: Resource, name: string, { type, body }: Patch, options: RequestOptions): Promise<Json> {
    return this.write({ ...callOf('patch', resource, name, options), contentType: type }, body);
  }

  /** delete removes an object as a metav1.DeleteOptions asks, such as `{preconditions: {uid}}`. */
  delete(resource: Resource, name: string, deleteOptions: Json, options: RequestOptions): Promise<Json> {
    return this.write(callOf('delete', resource, name, options), deleteOptions);
  }

  /** watch ends when the API server has agreed; its events follow until the server ends them or the signal fires. */
  async watch(resource: Resource, options: RequestOptions): Promise<AsyncIterable<WatchEvent>> {
    const call = callOf('watch', resource, undefined, options);
    return events(await this.transport.stream({ ...call, query: { ...call.query, watch: true } }));
  }

  /** close ends every connection. */
  close(): void {
    this.transport.close();
  }

  private write(call: Call, body: unknown): Promise<Json> {
    return this.transport.json({ ...call, ...this.guard, body: JSON.stringify(body) });
  }
}

function callOf(verb: Verb, resource: Resource, name: string | undefined, options: RequestOptions): Call {
  return { verb, label: groupResource(resource), path: resourcePath(resource, name), ...options };
}

async function* events(lines: AsyncIterable<string>): AsyncGenerator<WatchEvent> {
  for await (const line of lines) yield readWatchEvent(line);
}
