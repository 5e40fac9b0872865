import type { FastifyRequest } from 'fastify';

/** RestLimits bound what is read of an unwanted body. */
export interface RestLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/**
 * passRest reads a bounded rest of a body, throws it away, and calls `done` once. A connection that is closed with
 * bytes unread is reset, and its client may then never see the answer.
 */
export function passRest(request: FastifyRequest['raw'], { bytes, milliseconds }: RestLimits, done: () => void): void {
  const isLong = Number(request.headers['content-length']) > bytes;
  if (request.complete || request.readableEnded || request.destroyed || isLong) return done();
  let left = bytes;
  let isDone = false;
  const end = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    request.off('data', pass);
    done();
  };
  const pass = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, milliseconds);
  request.on('data', pass);
  for (const event of ['end', 'close', 'error']) request.once(event, end);
  request.resume();
}
