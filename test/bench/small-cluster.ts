import { createServer, type Server } from 'node:http';
import { policyManifest } from './review.ts';

const PAGE = 500;

/**
 * SmallCluster answers as an API server would that has so many namespaces and policies: LIST in pages, WATCH in which
 * nothing happens, no other API. Objects are made when they are asked for, so they cost this process nothing.
 */
export class SmallCluster {
  private readonly server: Server;
  private readonly namespaces: number;
  private readonly perNamespace: number;

  constructor(namespaces: number, perNamespace: number) {
    this.namespaces = namespaces;
    this.perNamespace = perNamespace;
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      response.setHeader('content-type', 'application/json');
      if (url.searchParams.get('watch') !== null) {
        response.writeHead(200).flushHeaders();
        return;
      }
      const body = this.answer(url);
      response.writeHead(body === undefined ? 404 : 200);
      response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
    });
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

  private answer({ pathname, searchParams }: URL): unknown {
    if (pathname === '/api' || pathname === '/apis') {
      return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [] };
    }
    const from = Number(searchParams.get('continue') ?? 0);
    if (pathname === '/api/v1/namespaces') return this.page('v1', 'NamespaceList', this.namespaces, from, namespace);
    if (pathname === '/apis/networking.k8s.io/v1/networkpolicies') {
      const total = this.namespaces * this.perNamespace;
      const policy = (n: number) => policyOf(n, Math.floor(n / this.perNamespace));
      return this.page('networking.k8s.io/v1', 'NetworkPolicyList', total, from, policy);
    }
    const collection = /^\/(?:api|apis)\/.*\/([a-z]+)$/.exec(pathname)?.[1];
    return collection === undefined ? undefined : this.page('v1', 'List', 0, 0, namespace);
  }

  private page(apiVersion: string, kind: string, total: number, from: number, make: (n: number) => unknown) {
    const end = Math.min(total, from + PAGE);
    const items = Array.from({ length: Math.max(0, end - from) }, (_, n) => make(from + n));
    const metadata = { resourceVersion: '1000', ...(end < total ? { continue: `${end}` } : {}) };
    return { apiVersion, kind, metadata, items };
  }
}

const identity = (n: number) => ({
  uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function namespace(n: number) {
  const name = `team-${n}`;
  const labels = { 'kubernetes.io/metadata.name': name, 'example.com/team': `${n % 100}` };
  return { metadata: { name, labels, ...identity(n) }, spec: { finalizers: ['kubernetes'] } };
}

/** No two policies are about the same app, so that what is kept once for equal ones is little. */
function policyOf(n: number, team: number) {
  const manifest = policyManifest(`policy-${n}`, `app-${n}`);
  return { ...manifest, metadata: { ...manifest.metadata, namespace: `team-${team}`, ...identity(n) } };
}
