import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** FILE_MAX is the most that is read of one file, in bytes: ten times what an API server takes as one object (3 MiB). */
export const FILE_MAX = 32 * 1024 * 1024;

/** ReadText is the result of reading one file. */
export type ReadText =
  | { readonly text: string }
  /** It is not a text that a manifest could be. */
  | { readonly problem: string };

/**
 * NoFile means that there is nothing to read at a path; its message is the rest of a sentence that begins with the
 * path.
 */
export class NoFile extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoFile';
  }
}

/** OpenedFile is a file of a disk, open for reading; `identity` is the same for all of its names. */
export interface OpenedFile {
  readonly identity: string;
  /** read returns the text and closes the file. */
  read(): Promise<ReadText>;
  close(): Promise<void>;
}

/**
 * openFile opens a file of a disk, through symbolic links. Pipes, devices and sockets are not even opened: a pipe
 * without a writer would block forever, and opening a device may have effects. Throws NoFile, or the system's error.
 */
export async function openFile(path: string | Buffer): Promise<OpenedFile> {
  refuseAllButFiles(await stat(path, { bigint: true }).catch(explained));
  // Without waiting, since the path may now be something else.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(explained);
  try {
    const found = await handle.stat({ bigint: true });
    refuseAllButFiles(found);
    return {
      identity: identityOf(found),
      read: async () => {
        try {
          return await readAll(handle, found.size);
        } finally {
          await handle.close();
        }
      },
      close: async () => await handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** identityOf is equal for all names of a file, and different for different files. */
export function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** readStream reads what comes from elsewhere, such as standard input. */
export async function readStream(chunks: AsyncIterable<Uint8Array>): Promise<ReadText> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > FILE_MAX) return TOO_LARGE;
    read.push(chunk);
  }
  return decode(Buffer.concat(read));
}

const TOO_LARGE = { problem: `is larger than ${FILE_MAX / 1024 / 1024} MiB; split it` };

async function readAll(handle: FileHandle, size: bigint): Promise<ReadText> {
  if (size > BigInt(FILE_MAX)) return TOO_LARGE;
  // One byte more shows that a file is larger than its size: files of /proc are, which reveal private data of a
  // process.
  const buffer = Buffer.alloc(Number(size) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return decode(buffer.subarray(0, length));
    length += bytesRead;
    if (length > size) return { problem: 'holds more than its size says; make a plain copy of it' };
  }
}

function decode(bytes: Uint8Array): ReadText {
  const other = otherEncoding(bytes);
  if (other !== undefined) return { problem: `is ${other}; save it as UTF-8` };
  try {
    // A byte order mark at the very beginning is dropped, as kubectl does.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not UTF-8' };
  }
}

/** By the first bytes in hexadecimal: the byte order mark, which PowerShell 5 writes by `>`, or the zeros of a first character. */
const OTHER_ENCODINGS: readonly (readonly [RegExp, string])[] = [
  [/^(?:0000|fffe0000|..000000)/, 'UTF-32'],
  [/^(?:fffe|feff|00|..00)/, 'UTF-16'],
];

function otherEncoding(bytes: Uint8Array): string | undefined {
  const first = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return OTHER_ENCODINGS.find(([form]) => form.test(first))?.[1];
}

function refuseAllButFiles(found: BigIntStats): void {
  if (found.isFile()) return;
  throw new NoFile(`is ${kindOf(found)}, not a file`);
}

function kindOf(found: BigIntStats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

function explained(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new NoFile('no such file or folder');
  if (error.code === 'ELOOP') throw new NoFile('symbolic links go in a circle');
  throw error;
}
