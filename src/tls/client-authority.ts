import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../runtime/clock.ts';
import { type PollObserver, poll } from '../runtime/poll.ts';

/** loadClientAuthority reads the CAs of clients from a file (PEM). Throws an Error that names the file and the problem. */
export async function loadClientAuthority(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8');
    // An unreadable one would silently admit no client.
    void new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`client CA ${file}: ${problem}; a file of certificates in PEM is expected`, { cause });
  }
}

/** watchClientAuthority looks for other CAs every ten seconds, and returns a function that stops it. */
export function watchClientAuthority(
  file: string,
  first: string,
  observer: PollObserver<string>,
  clock: Pick<Clock, 'sleep'>,
): () => void {
  return poll({ load: () => loadClientAuthority(file), isSame: (a, b) => a === b, first }, observer, clock);
}
