import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { KeyPair } from './pki.ts';

/** Answer is one response of the API server. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The texts of its `Warning` headers. */
  readonly warnings: readonly string[];
  /** Seconds, where it says so. */
  readonly retryAfter?: number;
}

/** WatchEvent is one line of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly namespace?: string; readonly name?: string; readonly resourceVersion: string };
  };
}

/** ApiClient speaks to the API server over kept-alive connections, for what kubectl is too slow for or cannot do. */
export interface ApiClient {
  /** Bytes are sent as they are, all else as JSON. */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<Answer>;
  /** Reads what is known to be there, and known to look so. */
  get<T>(path: string): Promise<T>;
  /** Follows a collection from its present version on until the client is closed; returns once it does. */
  watch(path: string, onEvent: (event: WatchEvent) => void): Promise<void>;
  close(): Promise<void>;
}

/** Impersonated is somebody to be. */
export interface Impersonated {
  readonly user: string;
  /** The API server adds none by itself. */
  readonly groups: readonly string[];
}

/** createApiClient authenticates by client certificate; `as` is someone to impersonate. */
export function createApiClient(server: string, caPem: string, identity: KeyPair, as?: Impersonated): ApiClient {
  const tls = { ca: caPem, cert: readFileSync(identity.certFile), key: readFileSync(identity.keyFile) };
  // Over HTTP/2 the client would join headers of one name, and with them the groups.
  const dispatcher = new Agent({ connect: tls, connections: 32, bodyTimeout: 0, allowH2: as === undefined });
  const closing = new AbortController();
  const impersonation =
    as === undefined
      ? []
      : ['impersonate-user', as.user, ...as.groups.flatMap((group) => ['impersonate-group', group])];
  const ask: ApiClient['request'] = async (method, path, body, contentType = 'application/json') => {
    const response = await request(`${server}${path}`, {
      method,
      dispatcher,
      headers: ['content-type', contentType, ...impersonation],
      body: body === undefined ? null : body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    const text = await response.body.text();
    const json = String(response.headers['content-type']).startsWith('application/json');
    const body_: unknown = json ? JSON.parse(text) : text;
    const retryAfter = response.headers['retry-after'];
    return {
      status: response.statusCode,
      body: body_,
      warnings: warningTexts(response.headers['warning']),
      ...(retryAfter !== undefined && { retryAfter: Number(retryAfter) }),
    };
  };
  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await ask('GET', path);
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body as T;
  };
  return {
    request: ask,
    get,
    watch: async (path, onEvent) => {
      const { metadata } = await get<WatchEvent['object']>(`${path}?limit=1`);
      const response = await request(`${server}${path}?watch=1&resourceVersion=${metadata.resourceVersion}`, {
        dispatcher,
        signal: closing.signal,
      });
      response.body.on('error', () => undefined);
      response.body.setEncoding('utf8');
      let rest = '';
      response.body.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line));
      });
    },
    close: async () => {
      closing.abort();
      await dispatcher.close();
    },
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
