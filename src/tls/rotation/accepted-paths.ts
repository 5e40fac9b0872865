import { type PathSecrets, standing } from './path-secrets.ts';
import { type Published, secretsIn } from './published.ts';

/**
 * AcceptedPaths are the paths at which the API server may call: the accepted secrets, and whether a path without one is
 * accepted.
 */
export interface AcceptedPaths {
  readonly secrets: readonly string[];
  readonly plain: boolean;
}

/**
 * PathSightings are when a read of the configurations first showed that a path was gone, by a clock that is never set:
 * until that read it may have been there. Infinite for a path that the last read showed.
 */
export interface PathSightings {
  /** Of one without a secret, or of none; minus infinity where none was ever seen. */
  readonly plainGoneAt: number;
  readonly secretsGoneAt: ReadonlyMap<string, number>;
}

/** PathMoment is one moment by both clocks, and how long an API server may lag. All in milliseconds. */
export interface PathMoment {
  /** Since the epoch. */
  readonly now: number;
  /** Of a clock that is never set. */
  readonly elapsed: number;
  readonly settle: number;
}

/** NOTHING_SIGHTED is the knowledge of a process that has just started. */
export const NOTHING_SIGHTED: PathSightings = {
  plainGoneAt: Number.NEGATIVE_INFINITY,
  secretsGoneAt: new Map(),
};

const STANDS = Number.POSITIVE_INFINITY;

/** sighted records the paths in the configurations, and forgets those that nothing calls any more. */
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
 * acceptedPaths decides at which paths a replica answers: all of the Secret, since others may publish them at any
 * moment, and all that a configuration has had within the time that an API server may lag, whoever wrote them. A
 * replica that could not read for long does not treat a path as gone.
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
