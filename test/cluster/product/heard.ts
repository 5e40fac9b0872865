import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Cluster } from '../cluster.ts';

/** HeardOf is what came of one talker. Times are of this machine's clock, in milliseconds. */
export interface HeardOf {
  /** When the talker's process started, by its own account. */
  readonly startedAt: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

/** Heard is all that a listener has heard, by the namespaces of the talkers. */
export interface Heard {
  readonly datagram: Readonly<Record<string, HeardOf>>;
  /** Over TCP connections that were opened anew for it. */
  readonly knock: Readonly<Record<string, HeardOf>>;
  /** Over a TCP connection that is kept. */
  readonly stream: Readonly<Record<string, HeardOf>>;
}

/** Listener hears what talkers send to it, and never answers. */
export interface Listener {
  /** What talkers need to know of it: address, UDP port and TCP port. */
  readonly argv: readonly string[];
  heard(): Promise<Heard>;
  close(): Promise<void>;
}

const UDP_PORT = 5300;
const TCP_PORT = 5301;

/** startListener starts one out on the Internet. */
export async function startListener(cluster: Pick<Cluster, 'spawn' | 'outside'>): Promise<Listener> {
  const argv = [cluster.outside, String(UDP_PORT), String(TCP_PORT)];
  const child: ChildProcess = cluster.spawn('outside', [
    process.execPath,
    join(import.meta.dirname, 'listener.ts'),
    ...argv,
  ]);
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null)
    throw new Error('a listener needs pipes for its three streams');
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<Heard> => {
    stdin.write('\n');
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the listener has ended: ${complaint}`);
    return JSON.parse(value) as Heard;
  };
  await heard();
  return {
    argv,
    heard,
    close: async () => {
      stdin.end();
      await closed;
    },
  };
}
