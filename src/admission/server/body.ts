import { BadRequest, Unreadable } from '../review/bad-request.ts';

/** BodyReader is a request whose body is being read. */
export interface BodyReader {
  readonly headers: { readonly 'content-length'?: string | undefined };
}

/** BodyLimits are in bytes. */
export interface BodyLimits {
  /** More is not read. */
  readonly body: number;
  /** As much is let pass unread, so that there is an answer that an API server reads. */
  readonly passedBody: number;
}

/** BodyWatch is told how a body arrives. */
export interface BodyWatch<Request> {
  /** The body is being waited for; `giveUp` ends that. */
  begins(request: Request, giveUp: (error: Error) => void): void;
  grew(request: Request, bytes: number): void;
  /** It is too large to be read, and lets pass what still comes. */
  tooLarge(request: Request, beginning: Uint8Array): void;
  /** Nothing is waited for any more. */
  ends(request: Request): void;
}

/** bodyParser collects bodies to be read, and tells of their bytes as they arrive: what is only announced costs nothing. */
export function bodyParser<Request extends BodyReader, T>(
  watch: BodyWatch<Request>,
  limits: BodyLimits,
  read: (body: Buffer, request: Request) => T | Promise<T>,
) {
  return async (request: Request, stream: NodeJS.ReadableStream): Promise<T> => {
    return await read(await collect(request, stream, watch, limits), request);
  };
}

const BEGINNING_BYTES = 1024;

function collect<Request extends BodyReader>(
  request: Request,
  stream: NodeJS.ReadableStream,
  watch: BodyWatch<Request>,
  { body: limit, passedBody }: BodyLimits,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > passedBody) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isTooLarge = false;
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
      if (bytes <= limit) {
        chunks.push(chunk);
        watch.grew(request, chunk.length);
      } else if (bytes > passedBody) {
        settle(() => reject(tooLarge(limit)));
      } else if (!isTooLarge) {
        isTooLarge = true;
        watch.tooLarge(request, Buffer.concat([...chunks.splice(0), chunk], BEGINNING_BYTES));
      }
    };
    stream.on('data', take);
    stream.once('end', () =>
      settle(() => {
        if (isTooLarge) reject(tooLarge(limit));
        else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      }),
    );
    stream.once('error', () => settle(() => reject(new BadRequest(400, 'the body ended early'))));
    watch.begins(request, (error) => settle(() => reject(error)));
  });
}

function tooLarge(limit: number): Unreadable {
  return new Unreadable(413, `the body is larger than ${limit} bytes`);
}
