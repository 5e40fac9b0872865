import { type PathSecrets, standing } from './path-secrets.ts';
import { type Published, secretsIn } from './published.ts';

/** AcceptedPaths are the paths at which the API server may call: with which secrets, and whether without one. */
export interface AcceptedPaths {
  readonly secrets: readonly string[];
  readonly plain: boolean;
}

/**
 * PathSightings say when a look at the configurations first showed that a path had gone, by a clock that is never set: until
 * that look it may have been there. Infinite for a path that the last look showed.
 */
export interface PathSightings {
  /** Of one without a secret, or of none; minus infinity where none was ever seen. */
  readonly plainGoneAt: number;
  readonly secretsGoneAt: ReadonlyMap<string, number>;
}

/** PathMoment is one moment by both clocks, and how long an API server may be behind. All in milliseconds. */
export interface PathMoment {
  /** Since the epoch. */
  readonly now: number;
  /** Of a clock that is never set. */
  readonly elapsed: number;
  readonly settle: number;
}

/** NOTHING_SIGHTED is what a process knows that has just begun. */
export const NOTHING_SIGHTED: PathSightings = {
  plainGoneAt: Number.NEGATIVE_INFINITY,
  secretsGoneAt: new Map(),
};

const STANDS = Number.POSITIVE_INFINITY;

/** sighted takes in what the configurations have, and forgets what nothing calls any more. */
export function sighted(
  before: PathSightings,
  published: readonly Published[],
  { elapsed, settle }: Omit<PathMoment, 'now'>,
): PathSightings {
  const kinds = new Set(published.flatMap(({ paths }) => paths.map((path) => standing(path).kind)));
  const isPlain = kinds.has('plain') || kinds.has('broken');
  const left = [...before.secretsGoneAt].map(([secret, at]) => [secret, Math.min(at, elapsed)] as const);
  const recent = left.filter(([, at]) => elapsed - at < settle);
  return {
    plainGoneAt: isPlain ? STANDS : Math.min(before.plainGoneAt, elapsed),
    secretsGoneAt: new Map([...recent, ...[...secretsIn(published)].map((secret) => [secret, STANDS] as const)]),
  };
}

/**
 * acceptedPaths decides where a replica answers. It is all that the Secret holds, since others may publish it at any moment,
 * and all that a configuration has had within the time that an API server may be behind, by whatever hand. A replica that
 * could not look for long does not take a path for gone.
 */
export function acceptedPaths(
  paths: PathSecrets | undefined,
  { plainGoneAt, secretsGoneAt }: PathSightings,
  { now, elapsed, settle }: PathMoment,
): AcceptedPaths {
  const stood = [...secretsGoneAt].flatMap(([secret, at]) => (elapsed - at < settle ? [secret] : []));
  const isPlainSeen = elapsed - plainGoneAt < settle;
  return {
    secrets: [...new Set([...(paths?.secrets ?? []), ...stood])],
    plain: isPlainSeen || now < (paths?.plainUntil ?? 0),
  };
}
