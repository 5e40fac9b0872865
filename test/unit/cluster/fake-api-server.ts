import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What tests put into the server. */
export interface TestObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly managedFields?: readonly object[];
  };
  readonly [key: string]: unknown;
}

interface Stored {
  readonly path: string;
  readonly object: TestObject & { readonly metadata: { readonly resourceVersion: string } };
}

interface HistoryEvent extends Stored {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
}

interface Watcher {
  readonly path: string;
  readonly url: URL;
  readonly response: ServerResponse;
}

/** Fault takes a request over; it returns false to leave it to the server. */
export type Fault = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>;

/**
 * FakeApiServer speaks the part of the Kubernetes API that reflectors use, over real sockets on loopback: LIST in
 * pages and of metadata alone, WATCH with history and bookmarks, GET, 404, 410. Faults are real too: sockets are reset,
 * answers cut.
 */
export class FakeApiServer {
  readonly requests: string[] = [];
  faults: Fault[] = [];
  bookmarkMs = 0;
  /** What `/apis` tells beside the built-in groups. */
  served: { group: string; version: string; plural: string; scope: 'Namespaced' | 'Cluster' }[] = [];
  /** Watches are told nothing, as where they lag. */
  lagging = false;
  private version = 100;
  private compactedAt = 0;
  private readonly stored = new Map<string, Stored>();
  private history: HistoryEvent[] = [];
  /** What lists of more than one page show: all of it as it was when the first page was asked for. */
  private readonly begun = new Map<string, readonly Stored[]>();
  private readonly watchers = new Set<Watcher>();
  private readonly sockets = new Set<Socket>();
  private server: http.Server | undefined;
  private port = 0;
  private bookmarks: NodeJS.Timeout | undefined;

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  get connections(): number {
    return this.sockets.size;
  }

  get watching(): number {
    return this.watchers.size;
  }

  /** start listens, on the port that it had before if there was one. */
  async start(): Promise<void> {
    const server = http.createServer((request, response) => void this.handle(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    for (let tries = 0; ; tries += 1) {
      try {
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(this.port, '127.0.0.1', resolve);
        });
        break;
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(50);
      }
    }
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    if (this.bookmarkMs > 0) this.bookmarks = setInterval(() => this.bookmarkAll(), this.bookmarkMs);
  }

  /** stop breaks every connection, as a killed process does. */
  async stop(): Promise<void> {
    clearInterval(this.bookmarks);
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    this.watchers.clear();
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  /** resetAll answers every open connection with a TCP RST. */
  resetAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.watchers.clear();
  }

  /** compact forgets history, so that old versions are 410. */
  compact(): void {
    this.version += 1;
    this.compactedAt = this.version;
    this.history = [];
    this.begun.clear();
  }

  /** put stores an object under its collection's path, such as `/api/v1/pods`, and tells those who watch. */
  put(collection: string, object: TestObject): void {
    const key = `${collection}|${object.metadata.namespace ?? ''}|${object.metadata.name}`;
    this.version += 1;
    const type = this.stored.has(key) ? 'MODIFIED' : 'ADDED';
    const metadata = { ...object.metadata, resourceVersion: String(this.version) };
    const stored: Stored = { path: collection, object: { ...object, metadata } };
    this.stored.set(key, stored);
    this.tell({ ...stored, type, version: this.version });
  }

  remove(collection: string, namespace: string, name: string): void {
    const key = `${collection}|${namespace}|${name}`;
    const stored = this.stored.get(key);
    if (stored === undefined) return;
    this.version += 1;
    this.stored.delete(key);
    const metadata = { ...stored.object.metadata, resourceVersion: String(this.version) };
    this.tell({ path: collection, object: { ...stored.object, metadata }, type: 'DELETED', version: this.version });
  }

  /** objects returns what is stored in the collection, as `namespace/name` to resourceVersion. */
  objects(collection: string): Map<string, string> {
    const all = [...this.stored.values()].filter((stored) => stored.path === collection);
    return new Map(all.map(({ object: { metadata } }) => [keyOf(metadata), metadata.resourceVersion]));
  }

  /** sendRaw writes text into every open watch. */
  sendRaw(text: string): void {
    for (const { response } of this.watchers) response.write(text);
  }

  endWatches(): void {
    for (const { response } of this.watchers) response.end();
    this.watchers.clear();
  }

  private tell(event: HistoryEvent): void {
    this.history.push(event);
    if (!this.lagging) for (const watcher of this.watchers) this.sendTo(watcher, event);
  }

  private sendTo({ path, url, response }: Watcher, event: HistoryEvent): void {
    if (!matches(event, path, url)) return;
    response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
  }

  private bookmarkAll(): void {
    const object = { metadata: { resourceVersion: String(this.version) } };
    for (const { response } of this.watchers) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    response.on('error', () => undefined);
    for (const fault of this.faults) if (await fault(request, response, url)) return;
    if (url.searchParams.get('watch') === 'true') this.watch(url, response);
    else if (url.pathname === '/apis') sendJson(response, 200, this.discoveryDocument());
    else if (isCollection(url.pathname)) this.list(url, response, request.headers.accept);
    else this.get(url, response);
  }

  private watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (from < this.compactedAt) return sendStatus(response, 410, 'Expired', 'too old resource version');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher: Watcher = { path: url.pathname, url, response };
    for (const event of this.history) if (event.version > from) this.sendTo(watcher, event);
    this.watchers.add(watcher);
    response.on('close', () => this.watchers.delete(watcher));
  }

  private list(url: URL, response: ServerResponse, accept = ''): void {
    const limit = Number(url.searchParams.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
    const [at = 0, offset = 0] = (url.searchParams.get('continue') ?? `${this.version}:0`).split(':').map(Number);
    if (at < this.compactedAt) return sendStatus(response, 410, 'Expired', 'continue token has expired');
    const key = `${at} ${url.pathname} ${url.searchParams.get('labelSelector')}`;
    const all = this.begun.get(key) ?? [...this.stored.values()].filter((stored) => matches(stored, url.pathname, url));
    this.begun.set(key, all);
    const end = offset + limit;
    const form = accept.includes('as=PartialObjectMetadataList') ? metadataOf : (object: TestObject) => object;
    const items = all.slice(offset, end).map((stored) => form(stored.object));
    const next = end < all.length ? `${at}:${end}` : undefined;
    sendJson(response, 200, { metadata: { resourceVersion: String(at), continue: next }, items });
  }

  private discoveryDocument(): unknown {
    const names = [...new Set(this.served.map(({ group }) => group))];
    const items = names.map((name) => {
      const served = this.served.filter(({ group }) => group === name);
      const versions = [...new Set(served.map(({ version }) => version))].map((version) => ({
        version,
        resources: served
          .filter((one) => one.version === version)
          .map(({ plural, scope }) => ({ resource: plural, scope })),
      }));
      return { metadata: { name }, versions };
    });
    return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
  }

  private get(url: URL, response: ServerResponse): void {
    const parts = url.pathname.split('/');
    const name = parts.pop();
    const path = parts.join('/');
    const found = [...this.stored.values()].find(
      (stored) => matches(stored, path, url) && stored.object.metadata.name === name,
    );
    if (found === undefined) sendStatus(response, 404, 'NotFound', `${name} not found`);
    else sendJson(response, 200, found.object);
  }
}

function metadataOf({ metadata }: TestObject): TestObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

export function sendJson(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
}

/** Odd numbers of segments after group and version are collections, but for one Namespace. */
function isCollection(path: string): boolean {
  const segments = path.split('/').slice(path.startsWith('/apis/') ? 4 : 3);
  return segments.length % 2 === 1;
}

/** A path with a namespace picks that namespace of the collection; labelSelector is `key=value,...`. */
function matches({ path, object }: Stored, asked: string, url: URL): boolean {
  const inNamespace = /^(.*)\/namespaces\/([^/]+)\/([^/]+)$/.exec(asked);
  const collection = inNamespace === null ? asked : `${inNamespace[1]}/${inNamespace[3]}`;
  if (path !== collection) return false;
  if (inNamespace !== null && object.metadata.namespace !== inNamespace[2]) return false;
  const selector = url.searchParams.get('labelSelector') ?? '';
  return selector
    .split(',')
    .filter(Boolean)
    .every((pair) => {
      const [key = '', value] = pair.split('=');
      return object.metadata.labels?.[key] === value;
    });
}

function keyOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
