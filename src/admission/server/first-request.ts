import { Duplex } from 'node:stream';

const END_OF_HEAD = '\r\n\r\n';

/**
 * FirstRequest is a connection up to the head of its first request. What follows is never read: Node's parser makes
 * objects of every request in its input, and sixty thousand bytes are thousands of requests.
 */
export class FirstRequest extends Duplex {
  private readonly connection: Duplex;
  /** Bytes that may be the beginning of the end of the head. */
  private last = '';

  constructor(connection: Duplex) {
    super();
    this.connection = connection;
    connection.on('data', this.hear);
    connection.once('end', () => this.push(null));
    connection.once('error', (error) => this.destroy(error));
    connection.once('close', () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.connection.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connection.destroy();
    done(error);
  }

  private readonly hear = (chunk: Buffer) => {
    const text = this.last + chunk.toString('latin1');
    const end = text.indexOf(END_OF_HEAD);
    this.last = text.slice(1 - END_OF_HEAD.length);
    if (end < 0) {
      this.push(chunk);
      return;
    }
    this.connection.off('data', this.hear);
    this.connection.pause();
    this.push(chunk.subarray(0, chunk.length - (text.length - end - END_OF_HEAD.length)));
  };
}
