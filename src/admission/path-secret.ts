import { createHash, timingSafeEqual } from 'node:crypto';

/** PathOptions say which paths are there. Without any of them: paths without a secret. */
export interface PathOptions {
  /** Secrets that a path may end in. Where there are some, paths without one are not there. */
  readonly pathSecrets?: () => readonly string[];
  /** Whether paths without a secret are there all the same; asked for each call to one. */
  readonly plainPaths?: () => boolean | Promise<boolean>;
  /** Whether a secret is accepted that is not among them: it may be newer than what is known here. */
  readonly otherSecret?: (secret: string) => Promise<boolean>;
}

/** What stands for the secret in routes and logs. */
const PARAMETER = ':pathSecret';

/** No shorter one is ever asked about, so that what a stranger tries out costs nothing. */
const SHORTEST = 32;

/** pathsOf lists the routes of a path: without a secret and with one. */
export function pathsOf(path: string): readonly string[] {
  return [path, `${path}/${PARAMETER}`];
}

/** withoutSecret is a request's URL as it may be logged: what stands behind the first step of its path is left out. */
export function withoutSecret(url: string): string {
  return url.replace(/^(\/[^/?]*)\/[^?]*/, '$1/…').slice(0, 256);
}

/**
 * isThere says whether a path of a route is one where the API server may call. `params` are those of the request. It is
 * known at once for every call that is as it shall be; what has to be asked for has `patience` milliseconds, whatever time
 * the caller claims to have. Where it cannot be told by then it is there, since a secret in a path is no boundary, and a
 * call must not be lost by asking.
 */
export async function isThere(params: unknown, options: PathOptions, patience: number): Promise<boolean> {
  const known = isKnown(secretIn(params), options);
  return typeof known === 'boolean' ? known : orAfter(patience, known);
}

function isKnown(given: string | undefined, options: PathOptions): boolean | Promise<boolean> {
  const secrets = options.pathSecrets?.() ?? [];
  if (given === undefined) return options.plainPaths?.() ?? secrets.length === 0;
  if (isAmong(given, secrets)) return true;
  return given.length >= SHORTEST && (options.otherSecret?.(given) ?? false);
}

async function orAfter(milliseconds: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), milliseconds);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function secretIn(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('pathSecret' in params)) return undefined;
  return typeof params.pathSecret === 'string' ? params.pathSecret : undefined;
}

/** Takes as long whichever it is, and however much of it is right. */
function isAmong(given: string, secrets: readonly string[]): boolean {
  const wanted = digest(given);
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), wanted) || found, false);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
