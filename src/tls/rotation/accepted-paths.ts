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

/** PathSightings are when paths were last in a configuration, by a clock that is never set. */
export interface PathSightings {
  /** Of one without a secret, or of none; undefined for never. */
  readonly plainAt: number | undefined;
  readonly secretsAt: ReadonlyMap<string, number>;
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
export const NOTHING_SIGHTED: PathSightings = { plainAt: undefined, secretsAt: new Map() };

/** sighted records the paths in the configurations, and forgets those that nothing calls any more. */
export function sighted(
  before: PathSightings,
  published: readonly Published[],
  { elapsed, settle }: Omit<PathMoment, 'now'>,
): PathSightings {
  const kinds = new Set(published.flatMap(({ paths }) => paths.map((path) => standing(path).kind)));
  const kept = [...before.secretsAt].filter(([, at]) => elapsed - at < settle);
  return {
    plainAt: kinds.has('plain') || kinds.has('broken') ? elapsed : before.plainAt,
    secretsAt: new Map([...kept, ...[...secretsIn(published)].map((secret) => [secret, elapsed] as const)]),
  };
}

/**
 * acceptedPaths decides at which paths a replica answers: all of the Secret, since others may publish them at any
 * moment, and all that a configuration has had within the time that an API server may lag, whoever wrote them.
 */
export function acceptedPaths(
  paths: PathSecrets | undefined,
  { plainAt, secretsAt }: PathSightings,
  { now, elapsed, settle }: PathMoment,
): AcceptedPaths {
  const stood = [...secretsAt].flatMap(([secret, at]) => (elapsed - at < settle ? [secret] : []));
  const isPlainSeen = plainAt !== undefined && elapsed - plainAt < settle;
  return {
    secrets: [...new Set([...(paths?.secrets ?? []), ...stood])],
    plain: isPlainSeen || now < (paths?.plainUntil ?? 0),
  };
}
