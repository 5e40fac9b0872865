import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Client } from '../../../src/cluster/api/client.ts';
import { type FakeApiServer, sendJson } from './fake-api-server.ts';
import { clientOf, startServer } from './world.ts';

/** Seen is a request as it arrived. */
export interface Seen {
  /** Such as `PATCH /api/v1/namespaces/shop?force=true`. */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Reply is a status code and a body; of a refusal the Status is made from `reason` and `details`. */
export interface Reply {
  readonly code: number;
  readonly body?: object;
  readonly reason?: string;
  readonly details?: object;
}

export interface Scripted {
  readonly server: FakeApiServer;
  readonly client: Client;
  readonly seen: Seen[];
}

/** startScripted starts a server on loopback that answers every request as told, or keeps silent where told nothing. */
export async function startScripted(answer: (request: Seen, index: number) => Reply | undefined): Promise<Scripted> {
  const seen: Seen[] = [];
  const server = await startServer((fake) => {
    fake.faults = [
      async (request, response) => {
        const body = await text(request).catch(() => '');
        const { method, url, headers } = request;
        const one: Seen = { line: `${method} ${url}`, headers, body: body === '' ? undefined : JSON.parse(body) };
        const reply = answer(one, seen.push(one) - 1);
        if (reply === undefined) return true;
        const { code, reason = '', details = {} } = reply;
        sendJson(response, code, reply.body ?? { kind: 'Status', code, reason, message: reason, details });
        return true;
      },
    ];
  });
  return { server, client: clientOf(server), seen };
}
