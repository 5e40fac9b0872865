import { BadRequest } from './bad-request.ts';

/** BodyReader is a request whose body is being read. */
export interface BodyReader {
  readonly headers: { readonly 'content-length'?: string | undefined };
}

/** BodyWatch is told how a body arrives. */
export interface BodyWatch<Request> {
  /** The body is being waited for; `giveUp` ends that. */
  begins(request: Request, giveUp: (error: Error) => void): void;
  grew(request: Request, bytes: number): void;
  /** Nothing is waited for any more. */
  ends(request: Request): void;
  /** The whole body is there. What it throws is answered. */
  isThere(request: Request, bytes: number): void;
}

/** bodyParser collects bodies to be read, and tells of their bytes as they arrive: what is only announced costs nothing. */
export function bodyParser<Request extends BodyReader, T>(
  watch: BodyWatch<Request>,
  limit: number,
  read: (body: Buffer, request: Request) => T | Promise<T>,
) {
  return async (request: Request, stream: NodeJS.ReadableStream): Promise<T> => {
    const body = await collect(request, stream, watch, limit);
    watch.isThere(request, body.length);
    return await read(body, request);
  };
}

function collect<Request extends BodyReader>(
  request: Request,
  stream: NodeJS.ReadableStream,
  watch: BodyWatch<Request>,
  limit: number,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
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
      if (bytes > limit) return settle(() => reject(tooLarge(limit)));
      chunks.push(chunk);
      watch.grew(request, chunk.length);
    };
    stream.on('data', take);
    stream.once('end', () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))),
    );
    stream.once('error', () => settle(() => reject(new BadRequest(400, 'the body ended early'))));
    watch.begins(request, (error) => settle(() => reject(error)));
  });
}

function tooLarge(limit: number): BadRequest {
  return new BadRequest(413, `the body is larger than ${limit} bytes`);
}
