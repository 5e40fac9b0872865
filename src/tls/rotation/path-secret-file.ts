import { readFile } from 'node:fs/promises';
import type { Clock } from '../../runtime/clock.ts';
import { type PollObserver, poll } from '../../runtime/poll.ts';
import { isPathSecret, SECRET_SHAPE } from './path-secrets.ts';

/** PathSecretFile is the content of a file with the paths at which the API server may call. */
export interface PathSecretFile {
  readonly secrets: readonly string[];
  /** Whether paths without a secret are also accepted, while a secret is introduced or removed. */
  readonly plain: boolean;
}

/** A line that means paths without a secret. */
const PLAIN = '/';

/**
 * loadPathSecrets reads a secret from each line of a file. Throws an Error that names the file and the line, and never
 * its content.
 */
export async function loadPathSecrets(file: string): Promise<PathSecretFile> {
  const lines = (await readable(file)).split('\n').map((line) => line.trim());
  const wrong = lines.findIndex((line) => line !== '' && line !== PLAIN && !isPathSecret(line));
  if (wrong >= 0)
    throw new Error(`--path-secret-file ${file}: line ${wrong + 1} is not a secret; give ${SECRET_SHAPE}`);
  const secrets = lines.filter((line) => line !== '' && line !== PLAIN);
  if (secrets.length === 0) {
    throw new Error(`--path-secret-file ${file}: it holds no secret; give ${SECRET_SHAPE}, one on each line`);
  }
  return { secrets: [...new Set(secrets)], plain: lines.includes(PLAIN) };
}

/** watchPathSecrets looks for other secrets every ten seconds, and returns a function that stops it. */
export function watchPathSecrets(
  file: string,
  first: PathSecretFile,
  observer: PollObserver<PathSecretFile>,
  clock: Pick<Clock, 'sleep'>,
): () => void {
  const isSame = (a: PathSecretFile, b: PathSecretFile) => JSON.stringify(a) === JSON.stringify(b);
  return poll({ load: () => loadPathSecrets(file), isSame, first }, observer, clock);
}

async function readable(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--path-secret-file ${file}: ${problem}`, { cause });
  }
}
