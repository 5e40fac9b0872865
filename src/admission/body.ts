import { BadRequest } from './bad-request.ts';
import type { Capacity } from './capacity.ts';
import { isTooDeep } from './nesting.ts';
import { cut, plain } from './plain-text.ts';

/** BodyReader is a request whose body is being read. */
export interface BodyReader {
  readonly headers: { readonly 'content-length'?: string | undefined };
  /** Bytes of the body that were counted into the capacity. */
  bodyBytes: number;
}

/**
 * jsonBodyParser reads bodies, and counts their bytes as they arrive: what is only announced costs nothing.
 * Plain JSON.parse makes `__proto__` a property like any other, which as the key of a label it may be.
 */
export function jsonBodyParser(capacity: Capacity, limit: number) {
  return async (request: BodyReader, stream: NodeJS.ReadableStream): Promise<unknown> =>
    parseJson(await collect(request, stream, capacity, limit));
}

function collect(
  request: BodyReader,
  stream: NodeJS.ReadableStream,
  capacity: Capacity,
  limit: number,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const settle = (end: () => void) => {
      stream.off('data', take);
      // What is left flows away unread, so that the answer can be sent.
      stream.resume();
      end();
    };
    const take = (chunk: Buffer) => {
      try {
        if (request.bodyBytes + chunk.length > limit) throw tooLarge(limit);
        capacity.grow(request.bodyBytes, chunk.length);
        request.bodyBytes += chunk.length;
        chunks.push(chunk);
      } catch (error) {
        settle(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    stream.on('data', take);
    stream.once('end', () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))),
    );
    stream.once('error', () => settle(() => reject(new BadRequest(400, 'the body ended early'))));
  });
}

function tooLarge(limit: number): BadRequest {
  return new BadRequest(413, `the body is larger than ${limit} bytes`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new BadRequest(400, 'the body is empty, expected an AdmissionReview');
  if (isTooDeep(body)) throw new BadRequest(400, 'the body nests lists and objects deeper than any object does');
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    // V8 quotes the body around the place.
    const problem = error instanceof SyntaxError ? cut(plain(error.message), 120) : 'not valid UTF-8';
    throw new BadRequest(400, `the body is not JSON: ${problem}`);
  }
}
