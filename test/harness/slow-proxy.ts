import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlPlaneAddress } from './address.ts';
import { freePort } from './daemon.ts';
import { createAuthority } from './pki.ts';

/** SlowProxy stands between a client with a bearer token and the API server. */
export interface SlowProxy extends Pick<ControlPlaneAddress, 'server' | 'caFile'> {
  close(): void;
}

/** DelayOf says how long a request is held back before the API server sees it, in milliseconds. */
export type DelayOf = (method: string, path: string) => number;

/** AnswerOptions are what a proxy does with answers. */
export interface AnswerOptions {
  /** How late what is said in answer to a request gets through, in milliseconds; of a watch, each event. */
  readonly lagOf?: DelayOf;
  /** Told of the bytes of each answer, as they come. */
  readonly onBytes?: (path: string, bytes: number) => void;
}

/** policyWrites delays what changes NetworkPolicies, and nothing else. */
export function policyWrites(milliseconds: number): DelayOf {
  return (method, path) => (method !== 'GET' && path.includes('/networkpolicies') ? milliseconds : 0);
}

/** policyEvents makes watches of NetworkPolicies lag, and nothing else. */
export function policyEvents(milliseconds: number): DelayOf {
  return (_method, path) => (path.includes('/networkpolicies') && path.includes('watch=true') ? milliseconds : 0);
}

/** startSlowProxy ends TLS, so that it sees what is asked; watches go through it as they come, unless they shall lag. */
export async function startSlowProxy(
  { server: target, caFile, folder }: ControlPlaneAddress,
  delayOf: DelayOf,
  { lagOf = () => 0, onBytes = () => {} }: AnswerOptions = {},
): Promise<SlowProxy> {
  const authority = createAuthority(folder, 'proxy-ca');
  const { certFile, keyFile } = authority.issue('proxy', { commonName: 'proxy', names: ['IP:127.0.0.1'] });
  const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });
  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = incoming;
    const delay = delayOf(method, url);
    if (delay > 0) await pause(delay);
    const outgoing = request(new URL(url, target), { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('data', (chunk: Buffer) => onBytes(url, chunk.length));
      const lag = lagOf(method, url);
      if (lag === 0) answer.pipe(response);
      else passLate(answer, response, lag);
      answer.on('error', () => response.destroy());
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (incoming, response) => {
    void forward(incoming, response);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: `https://127.0.0.1:${port}`,
    caFile: authority.certFile,
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

/** All of it as late as its first byte, so that the order stays. */
function passLate(answer: IncomingMessage, response: ServerResponse, milliseconds: number): void {
  answer.on('data', (chunk: Buffer) => setTimeout(() => response.write(chunk), milliseconds));
  answer.on('end', () => setTimeout(() => response.end(), milliseconds));
}
