import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ReadReview, uidIn } from '../review/read-review.ts';
import { parseAdmissionReview } from '../review/review.ts';
import type { BodyWatch } from './body.ts';
import type { Place } from './capacity.ts';
import type { Clients, WebhookClient } from './clients.ts';
import { millisecondsToAnswer } from './deadline.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When its headers had been read, by Clock.elapsed. */
    arrival: number;
    /** Absent without a socket. */
    client: WebhookClient | undefined;
    /** Its place in the capacity, while it is counted. */
    place: Place | undefined;
    /** The review, as far as it is known. */
    uid: string | undefined;
  }
}

/** bodyWatch accounts for bodies as they arrive. */
export function bodyWatch({ books, cutOff }: Clients): BodyWatch<FastifyRequest> {
  return {
    begins: ({ client }, giveUp) => {
      if (client !== undefined) client.giveUp = giveUp;
    },
    grew: ({ client }, bytes) => {
      if (client !== undefined) cutOff(books.bodyGrew(client, bytes), 'bytes');
    },
    mayBeLong: (beginning) => uidIn(beginning) !== undefined,
    ends: ({ client }) => {
      if (client === undefined) return;
      client.giveUp = undefined;
      books.bodyEnds(client);
    },
  };
}

/**
 * takeBody returns what was read of the body, and forgets it: the request lives until its answer has been sent, and the
 * parsed body is twenty times as large as the body. Throws BadRequest.
 */
export function takeBody(request: FastifyRequest): ReadReview {
  const body = request.body as ReadReview | undefined;
  request.body = undefined;
  // Without a content type, it has not been read.
  return body ?? { request: parseAdmissionReview(undefined) };
}

/**
 * whenClosed calls the listener once the client is gone. If it is gone already, `close` has fired and will not fire
 * again.
 */
export function whenClosed({ raw }: FastifyReply, listener: () => void): void {
  if (raw.destroyed) listener();
  else raw.once('close', listener);
}

/** deadlineOf returns when an answer is due, by Clock.elapsed. */
export function deadlineOf({ arrival, query }: FastifyRequest): number {
  return arrival + millisecondsToAnswer(timeoutOf(query));
}

function timeoutOf(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null || !('timeout' in query)) return undefined;
  return String(query.timeout);
}
