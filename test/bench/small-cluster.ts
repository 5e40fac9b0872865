import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { policyManifest } from './review.ts';

const PAGE = 500;

/** Collection makes its objects of a collection when they are asked for. */
interface Collection {
  readonly apiVersion: string;
  readonly kind: string;
  readonly total: number;
  readonly make: (n: number) => unknown;
}

/**
 * SmallCluster answers as an API server would that has so many namespaces and policies: LIST in pages, WATCH in which
 * nothing happens, no other API. Objects are made when they are asked for, so they cost this process nothing.
 */
export class SmallCluster {
  protected readonly watches = new Map<string, Set<ServerResponse>>();
  private readonly server: Server;
  protected readonly namespaces: number;
  protected readonly perNamespace: number;

  constructor(namespaces: number, perNamespace: number) {
    this.namespaces = namespaces;
    this.perNamespace = perNamespace;
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port in the address of a TCP server');
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What a write is answered with; undefined where there is no such thing. */
  protected write(_pathname: string, _object: unknown): unknown {
    return undefined;
  }

  /** One object, by its path; undefined where there is no such thing. */
  protected object(_pathname: string): unknown {
    return undefined;
  }

  protected collection(pathname: string): Collection | undefined {
    if (pathname === '/api/v1/namespaces')
      return { apiVersion: 'v1', kind: 'NamespaceList', total: this.namespaces, make: namespaceObject };
    if (pathname === '/apis/networking.k8s.io/v1/networkpolicies') {
      const make = (n: number) => policyOf(n, Math.floor(n / this.perNamespace));
      const total = this.namespaces * this.perNamespace;
      return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', total, make };
    }
    const isCollection = /^\/(?:api|apis)\/.*\/[a-z]+s$/.test(pathname);
    return isCollection ? { apiVersion: 'v1', kind: 'List', total: 0, make: namespaceObject } : undefined;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (url.searchParams.get('watch') !== null) {
      response.writeHead(200).flushHeaders();
      const watches = this.watches.get(url.pathname) ?? new Set();
      this.watches.set(url.pathname, watches.add(response));
      return;
    }
    const isRead = request.method === 'GET';
    const body = isRead ? this.answer(url) : this.write(url.pathname, await json(request));
    response.writeHead(body === undefined ? 404 : 200);
    response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
  }

  private answer({ pathname, searchParams }: URL): unknown {
    if (pathname === '/api' || pathname === '/apis') {
      return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [] };
    }
    const object = this.object(pathname);
    if (object !== undefined) return object;
    const collection = this.collection(pathname);
    return collection && page(collection, Number(searchParams.get('continue') ?? 0));
  }
}

function page({ apiVersion, kind, total, make }: Collection, from: number): unknown {
  const end = Math.min(total, from + PAGE);
  const items = Array.from({ length: Math.max(0, end - from) }, (_, n) => make(from + n));
  const metadata = { resourceVersion: '1000', ...(end < total ? { continue: `${end}` } : {}) };
  return { apiVersion, kind, metadata, items };
}

/** identity is what the API server adds to an object's metadata. */
export const identity = (n: number) => ({
  uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

/** namespaceObject is the nth namespace. */
export function namespaceObject(n: number) {
  const name = `team-${n}`;
  const labels = { 'kubernetes.io/metadata.name': name, 'example.com/team': `${n % 100}` };
  return { metadata: { name, labels, ...identity(n) }, spec: { finalizers: ['kubernetes'] } };
}

/** policyOf is the nth policy: no two are about the same app, so that what is kept once for equal ones is little. */
export function policyOf(n: number, team: number) {
  const manifest = policyManifest(`policy-${n}`, `app-${n}`);
  return { ...manifest, metadata: { ...manifest.metadata, namespace: `team-${team}`, ...identity(n) } };
}
