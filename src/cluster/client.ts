import type { Json } from '../policy/readers/shape.ts';
import { groupResource, type Resource, resourcePath } from './resource.ts';
import { type Call, type RequestOptions, Transport, type TransportOptions, type Verb } from './transport.ts';
import { readWatchEvent, type WatchEvent } from './watch-event.ts';

/**
 * Client says every word to the API server, over one pool of connections. Methods throw ApiError for a refusal,
 * MalformedAnswer for what cannot be understood, and Node's own errors where the connection fails.
 */
export class Client {
  private readonly transport: Transport;

  constructor(options: TransportOptions) {
    this.transport = new Transport(options);
  }

  get(resource: Resource, name: string, options: RequestOptions): Promise<Json> {
    return this.transport.json(callOf('get', resource, name, options));
  }

  /** list returns one page as it is; `continue` in its metadata leads to the next. */
  list(resource: Resource, options: RequestOptions): Promise<Json> {
    return this.transport.json(callOf('list', resource, undefined, options));
  }

  /** document reads a path that is no resource, such as `/apis`. */
  document(path: string, options: RequestOptions): Promise<Json> {
    return this.transport.json({ verb: 'get', label: path, path, ...options });
  }

  create(resource: Resource, object: Json, options: RequestOptions): Promise<Json> {
    const call = callOf('create', resource, undefined, options);
    return this.transport.json({ ...call, body: JSON.stringify(object) });
  }

  /** patch sends a patch of the given type, such as `application/json-patch+json` or `application/apply-patch+yaml`. */
  patch(resource: Resource, name: string, type: string, patch: unknown, options: RequestOptions): Promise<Json> {
    const call = callOf('patch', resource, name, options);
    return this.transport.json({ ...call, body: JSON.stringify(patch), contentType: type });
  }

  delete(resource: Resource, name: string, options: RequestOptions): Promise<Json> {
    return this.transport.json(callOf('delete', resource, name, options));
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
}

function callOf(verb: Verb, resource: Resource, name: string | undefined, options: RequestOptions): Call {
  return { verb, label: groupResource(resource), path: resourcePath(resource, name), ...options };
}

async function* events(lines: AsyncIterable<string>): AsyncGenerator<WatchEvent> {
  for await (const line of lines) yield readWatchEvent(line);
}
