import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Credentials, RequestCredentials, TlsMaterial } from './credentials.ts';

/** As client-go: a silent connection is probed after 30 seconds, below the idle time-outs of cloud load balancers. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** Idle connections are closed before kube-apiserver does so at 90 s, so that no request meets a closing one. */
const IDLE_MS = 60_000;

/** Exchange is one request and the way to its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Called once there is a connection, just before the request is sent; if it throws, the request is not sent. */
  readonly beforeSending?: (() => void) | undefined;
}

/**
 * Connections are the kept-alive connections to one API server, shared by all requests. They speak HTTP/1.1: a watch
 * has a connection to itself. New certificates get a new pool, while running requests end on the old one.
 */
export class Connections {
  private readonly secure: boolean;
  private readonly proxy: string | undefined;
  private agent: http.Agent | undefined;
  private tls: TlsMaterial | undefined;

  constructor({ server, proxy }: Pick<Credentials, 'server' | 'proxy'>) {
    this.secure = server.protocol === 'https:';
    this.proxy = proxy;
  }

  /**
   * exchange sends one request, and ends when the head of the answer has arrived. A GET on a connection that the server
   * had just closed is sent again, once, as Go's transport does; nothing else is repeated.
   */
  async exchange(request: Exchange, access: RequestCredentials): Promise<http.IncomingMessage> {
    try {
      return await this.send(request, access);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return await this.send(request, access);
    }
  }

  close(): void {
    this.agent?.destroy();
  }

  private send(exchange: Exchange, access: RequestCredentials): Promise<http.IncomingMessage> {
    const { method, url, headers, body, signal, beforeSending } = exchange;
    const module = this.secure ? https : http;
    return new Promise((resolve, reject) => {
      const request = module.request(url, { method, headers, signal, agent: this.agentFor(access) }, resolve);
      request.on('error', (error) => {
        const stale = method === 'GET' && request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        reject(stale ? new StaleConnection('connection was closed by the API server', { cause: error }) : error);
      });
      if (beforeSending === undefined) request.end(body);
      else request.once('socket', (socket) => whenConnected(socket, () => endUnless(request, beforeSending, body)));
    });
  }

  private agentFor({ tls }: RequestCredentials): http.Agent {
    if (this.agent !== undefined && tls === this.tls) return this.agent;
    const old = this.agent;
    this.tls = tls;
    const options: https.AgentOptions = {
      keepAlive: true,
      keepAliveMsecs: TCP_KEEP_ALIVE_MS,
      timeout: IDLE_MS,
      ...(this.proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: this.proxy, HTTP_PROXY: this.proxy } }),
    };
    this.agent = this.secure ? new https.Agent({ ...options, ...tls }) : new http.Agent(options);
    if (old !== undefined) retire(old);
    return this.agent;
  }
}

function whenConnected(socket: Socket, work: () => void): void {
  if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', work);
  else work();
}

/** A request is written as a whole. */
function endUnless(request: http.ClientRequest, throws: () => void, body: string | undefined): void {
  try {
    throws();
  } catch (error) {
    request.destroy(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  request.end(body);
}

/** Its idle connections are closed at once, and those in use when their request ends, since none is kept any more. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}
