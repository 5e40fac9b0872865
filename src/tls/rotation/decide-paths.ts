import { MOST_SECRETS, type PathSecrets, type PublishedPath, standing } from './path-secrets.ts';
import { type Published, secretsIn, settleMs } from './published.ts';
import type { ServingPair, TrustSettings } from './trust.ts';

/** PathView is what a replica knows when it decides about paths. */
export interface PathView {
  /** The content of the Secret. */
  readonly paths: PathSecrets;
  readonly pair: Pick<ServingPair, 'issued'>;
  /** Read before the Secret was. */
  readonly published: readonly Published[];
  /** For how many milliseconds a PathFact has held without a break, as seen from here. */
  readonly steadyMs: (fact: string) => number;
}

/** PathsToWrite are the paths that a configuration is to have, by the names of its webhooks. */
export interface PathsToWrite {
  readonly published: Published;
  readonly paths: ReadonlyMap<string, string>;
}

/** PathStep is the next action. All but `publish-paths` and `wait` write the Secret. */
export type PathStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'publish-paths'; readonly where: readonly PathsToWrite[] }
  /** Paths without a secret are published: replicas that start just after their removal must know. */
  | { readonly kind: 'keep-plain' }
  /** Make the next secret, so that every replica has it before it is published. */
  | { readonly kind: 'make-secret' }
  /**
   * The API server calls with secrets that the Secret has lost or never had: it must contain them as long as that is
   * possible.
   */
  | { readonly kind: 'adopt-secrets'; readonly secrets: readonly string[] }
  | { readonly kind: 'drop-secrets'; readonly secrets: readonly string[] };

/** No replica runs an older version, according to the Deployment. */
const ROLLED_OUT = 'rolled out';
const stored = (secret: string) => `stored ${secret}`;
const gone = (secret: string) => `gone ${secret}`;
const plainAt = (configuration: string, webhook: string) => `plain ${configuration} ${webhook}`;

/** pathFacts lists what holds at this moment, of what `decidePaths` asks how long it has held. */
export function pathFacts(
  paths: PathSecrets | undefined,
  published: readonly Published[],
  isRolledOut: boolean,
): readonly string[] {
  const secrets = paths?.secrets ?? [];
  const shown = secretsIn(published);
  return [
    ...(isRolledOut ? [ROLLED_OUT] : []),
    ...secrets.map(stored),
    ...secrets.filter((secret) => !shown.has(secret)).map(gone),
    ...published.flatMap(({ name, paths }) => paths.filter(isPlain).map(({ webhook }) => plainAt(name, webhook))),
  ];
}

/**
 * showsPlainService tells whether a webhook is called by a Service at a path without a secret, which netpol-guard
 * should replace.
 */
export function showsPlainService(published: readonly Published[]): boolean {
  return published.some(({ paths }) => paths.some((one) => one.by === 'service' && isPlain(one)));
}

/**
 * decidePaths returns the next step for the paths. Any replica may do it at any time, as in decide: a configuration is
 * written in the version that was read, and never from a newer secret to an older one, or to none.
 *
 *     make-secret -> settled: every replica has it -> publish -> settled: no API server calls the old one -> drop
 *
 * A webhook without a path is not called at all, so it gets one at once: without a secret where an older version may
 * still run, which knows no other. If there is a path without a secret, someone put it there, such as a rollback to an
 * older version: it stays until it has been there for long while nothing is being rolled out.
 */
export function decidePaths(view: PathView, settings: TrustSettings, now: number): PathStep {
  const { paths, pair, published, steadyMs } = view;
  const settle = settleMs(settings);
  const shown = secretsIn(published);
  const [newest] = paths.secrets;
  const strangers = strangersIn(published, paths);
  if (strangers.length > 0) return { kind: 'adopt-secrets', secrets: strangers };
  // Before they are overwritten, and as long as a write may be in transit.
  const isPlainKept = !showsPlainService(published) || paths.plainUntil >= now + settle;
  const where = pathsDue(view, settings, now).filter((one) => isPlainKept || !endsPlain(one));
  if (where.length > 0) return { kind: 'publish-paths', where };
  if (!isPlainKept) return { kind: 'keep-plain' };
  const unused = paths.secrets.slice(1).filter((secret) => steadyMs(gone(secret)) >= settle);
  if (newest !== undefined && steadyMs(stored(newest)) >= settle && unused.length > 0) {
    return { kind: 'drop-secrets', secrets: unused };
  }
  const isUsed = newest !== undefined && paths.secrets.length === 1 && shown.has(newest);
  return isUsed && pair.issued > paths.made ? { kind: 'make-secret' } : { kind: 'wait' };
}

/** pathsDue lists the paths that the configurations should have but do not. */
export function pathsDue(view: PathView, settings: TrustSettings, now: number): readonly PathsToWrite[] {
  const wanted = pathsWanted(view, settings, now);
  return view.published.flatMap((one) => toWrite(one, (path) => wanted(path, one.name)));
}

/** pathsMissing is pathsDue for webhooks that are not called at all; all other paths stay as they are. */
export function pathsMissing(view: PathView, settings: TrustSettings, now: number): readonly PathsToWrite[] {
  const wanted = pathsWanted(view, settings, now);
  return view.published.flatMap((one) => toWrite(one, (path) => (isBroken(path) ? wanted(path, one.name) : path.path)));
}

/**
 * afterPathStep is the content of the Secret after a step; `fresh` is a secret that was never used, `settle` as
 * settleMs.
 */
export function afterPathStep(
  step: Exclude<PathStep, { readonly kind: 'wait' | 'publish-paths' }>,
  paths: PathSecrets | undefined,
  { fresh, settle, now }: { readonly fresh: string; readonly settle: number; readonly now: number },
): PathSecrets {
  if (paths === undefined) return firstSecret(fresh, now, 0);
  switch (step.kind) {
    case 'keep-plain':
      return { ...paths, plainUntil: now + 2 * settle };
    case 'make-secret':
      return { ...paths, secrets: [fresh, ...paths.secrets], made: now, freshUntil: 0 };
    case 'adopt-secrets':
      return { ...paths, secrets: [...paths.secrets, ...step.secrets] };
    case 'drop-secrets':
      return { ...paths, secrets: paths.secrets.filter((one) => !step.secrets.includes(one)) };
  }
}

/** firstSecret begins; `freshUntil` as in PathSecrets. */
export function firstSecret(secret: string, made: number, freshUntil: number): PathSecrets {
  return { secrets: [secret], made, freshUntil, plainUntil: 0 };
}

function strangersIn(published: readonly Published[], { secrets }: PathSecrets): readonly string[] {
  const byService = published.map((one) => ({ ...one, paths: one.paths.filter(({ by }) => by === 'service') }));
  const found = [...secretsIn(byService)].filter((secret) => !secrets.includes(secret));
  return found.slice(0, Math.max(0, MOST_SECRETS - secrets.length));
}

/** A configuration is written as a whole: the API server removes what an apply omits. */
function toWrite(published: Published, pathFor: (one: PublishedPath) => string | undefined): readonly PathsToWrite[] {
  const ours = published.paths.filter(({ by }) => by === 'service');
  const paths = new Map(
    ours.flatMap((one) => {
      const path = pathFor(one);
      return path === undefined ? [] : [[one.webhook, path] as const];
    }),
  );
  const differs = ours.some(({ webhook, path }) => paths.get(webhook) !== path);
  return differs ? [{ published, paths }] : [];
}

/** The path that a webhook should have; undefined if it has none and should have none. */
type PathWanted = (one: PublishedPath, configuration: string) => string | undefined;

/** Only the newest secret is ever published: there is no telling whether an older one is no longer called. */
function pathsWanted({ paths, steadyMs }: PathView, settings: TrustSettings, now: number): PathWanted {
  const settle = settleMs(settings);
  const [newest] = paths.secrets;
  const isKnownToAll = newest !== undefined && (steadyMs(stored(newest)) >= settle || now < paths.freshUntil);
  return (one, configuration) => {
    const best = isKnownToAll ? `${one.plain}/${newest}` : undefined;
    switch (standing(one).kind) {
      case 'unknown':
        return one.path;
      case 'broken':
        return best ?? one.plain;
      case 'secret':
        return best ?? one.path;
      case 'plain': {
        const isLeft = steadyMs(ROLLED_OUT) >= settle && steadyMs(plainAt(configuration, one.webhook)) >= settle;
        return isLeft ? (best ?? one.path) : one.path;
      }
    }
  };
}

function endsPlain({ published, paths }: PathsToWrite): boolean {
  return published.paths.some((one) => isPlain(one) && paths.get(one.webhook) !== one.path);
}

function isBroken(path: PublishedPath): boolean {
  return standing(path).kind === 'broken';
}

function isPlain(path: PublishedPath): boolean {
  return standing(path).kind === 'plain';
}
