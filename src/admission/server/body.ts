import { BadRequest, UnreadableReview } from '../review/bad-request.ts';

/** BodyReader is a request whose body is being read. */
export interface BodyReader {
  readonly headers: { readonly 'content-length'?: string | undefined };
}

/** BodyLimits are in bytes. */
export interface BodyLimits {
  /** More is only read of bodies that begin like an API server's reviews. */
  readonly body: number;
  /** More is not read at all. */
  readonly longBody: number;
}

/** BodyWatch is told how a body arrives. */
export interface BodyWatch<Request> {
  /** Waiting for the body begins; `giveUp` ends it. */
  begins(request: Request, giveUp: (error: Error) => void): void;
  grew(request: Request, bytes: number): void;
  /** Returns whether a body with this beginning may be long. */
  mayBeLong(beginning: Uint8Array): boolean;
  /** Waiting has ended. */
  ends(request: Request): void;
}

/** bodyParser collects bodies to be read, and reports their bytes as they arrive: an announced length costs nothing. */
export function bodyParser<Request extends BodyReader, T>(
  watch: BodyWatch<Request>,
  limits: BodyLimits,
  read: (body: Buffer, request: Request) => T | Promise<T>,
) {
  return async (request: Request, stream: NodeJS.ReadableStream): Promise<T> => {
    return await read(await collect(request, stream, watch, limits), request);
  };
}

function collect<Request extends BodyReader>(
  request: Request,
  stream: NodeJS.ReadableStream,
  watch: BodyWatch<Request>,
  { body, longBody }: BodyLimits,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > longBody) throw tooLarge(longBody);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let limit = body;
    let isSettled = false;
    const settle = (end: () => void) => {
      if (isSettled) return;
      isSettled = true;
      stream.off('data', take);
      stream.pause();
      watch.ends(request);
      end();
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > limit && limit < longBody && watch.mayBeLong(beginningOf(chunks))) limit = longBody;
      if (bytes > limit) settle(() => reject(tooLarge(limit)));
      else watch.grew(request, chunk.length);
    };
    stream.on('data', take);
    stream.once('end', () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))),
    );
    stream.once('error', () => settle(() => reject(new BadRequest(400, 'the body ended early'))));
    watch.begins(request, (error) => settle(() => reject(error)));
  });
}

const BEGINNING_BYTES = 1024;

function beginningOf(chunks: readonly Buffer[]): Uint8Array {
  return Buffer.concat(chunks, BEGINNING_BYTES);
}

function tooLarge(limit: number): UnreadableReview {
  return new UnreadableReview(413, `the body is larger than ${limit} bytes`);
}
