import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { KeyPair } from './pki.ts';

/** Answer is one response of the API server. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The texts of its `Warning` headers. */
  readonly warnings: readonly string[];
}

/** ApiClient speaks to the API server over kept-alive connections, for what kubectl is too slow for or cannot do. */
export interface ApiClient {
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** createApiClient authenticates by client certificate. */
export function createApiClient(server: string, caPem: string, identity: KeyPair): ApiClient {
  const tls = { ca: caPem, cert: readFileSync(identity.certFile), key: readFileSync(identity.keyFile) };
  const dispatcher = new Agent({ connect: tls, connections: 32 });
  return {
    request: async (method, path, body, contentType = 'application/json') => {
      const response = await request(`${server}${path}`, {
        method,
        dispatcher,
        headers: { 'content-type': contentType },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.body.text();
      const json = String(response.headers['content-type']).startsWith('application/json');
      const body_: unknown = json ? JSON.parse(text) : text;
      return { status: response.statusCode, body: body_, warnings: warningTexts(response.headers['warning']) };
    },
    close: () => dispatcher.close(),
  };
}

/** A warning reads `299 - "text"`, with quotes in the text escaped, and a header may hold several (RFC 7234, 5.5). */
function warningTexts(header: string | string[] | undefined): string[] {
  const found = [header ?? []]
    .flat()
    .join(', ')
    .matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g);
  return [...found].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
