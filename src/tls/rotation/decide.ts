import { decidePaths, type PathStep, type PathsToWrite, pathsDue, pathsMissing } from './decide-paths.ts';
import type { PathSecrets } from './path-secrets.ts';
import { type Published, settleMs } from './published.ts';
import {
  type Authority,
  bundleOf,
  isRenewalDue,
  marginMs,
  type PreviousAuthority,
  type Trust,
  type TrustSettings,
  trustedBy,
} from './trust.ts';

/** Stored is the state of the Secret: usable, unusable, or missing. */
export type Stored =
  | { readonly kind: 'trust'; readonly trust: Trust }
  | { readonly kind: 'unusable'; readonly problem: string }
  | { readonly kind: 'missing' };

/** View is everything that a replica knows when it decides. */
export interface View {
  readonly stored: Stored;
  /** The content of the Secret when it was last usable. */
  readonly remembered: Trust | undefined;
  /** Read before the Secret was: see decide. */
  readonly published: readonly Published[];
  /**
   * For how many milliseconds an authority (by its id) has been in every configuration, or a fact about the paths has held,
   * without a break, as seen from here.
   */
  readonly steadyMs: (what: string) => number;
}

/** Step is the next action. All but `publish`, `publish-paths` and `wait` write the Secret. */
export type Step =
  | PathStep
  /** Start again with an unknown CA; `first` if there has never been another one. */
  | { readonly kind: 'issue'; readonly previous: readonly PreviousAuthority[]; readonly first?: true | undefined }
  | { readonly kind: 'restore'; readonly trust: Trust }
  | { readonly kind: 'adopt'; readonly previous: readonly PreviousAuthority[] }
  | { readonly kind: 'publish'; readonly bundle: string; readonly where: readonly Published[] }
  /** Make the next CA, so that it can be published beside the current one. */
  | { readonly kind: 'announce' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'renew'; readonly names: readonly string[] }
  | { readonly kind: 'drop'; readonly ids: ReadonlySet<string> }
  /** An older version has written the Secret without the secrets of the paths. */
  | { readonly kind: 'restore-secrets'; readonly paths: PathSecrets };

/** A user who can write configurations can put CAs into them, but not make the Secret grow. */
const MOST_PREVIOUS = 8;

/**
 * decide returns the next step. Any replica may take it, at any time, since each write is a compare-and-swap: of the
 * Secret's version, or of the configuration's.
 *
 * What is published is never older than what was: a bundle only depends on the Secret, the configuration is read
 * before the Secret, and it is written only if it is still that version. Another replica that wrote it meanwhile had read
 * the Secret earlier.
 *
 * A CA is changed in the order
 *
 *     announce -> publish old and new -> settled everywhere -> switch -> nothing that the old one signed is left -> drop
 *
 * and a replica that learns of it late presents a certificate that is trusted until it expires.
 *
 * The paths come last: see decidePaths.
 */
export function decide(view: View, settings: TrustSettings, now: number): Step {
  const step = decideTrust(view, settings, now);
  return step.kind === 'wait' ? nextOfPaths(view, settings, now) : step;
}

function decideTrust(view: View, settings: TrustSettings, now: number): Step {
  const { stored, published, steadyMs } = view;
  if (stored.kind === 'missing') return keepUp(view);
  if (stored.kind === 'unusable' || isSuperseded(stored.trust, view.remembered, now))
    return recover(view, settings, now);
  const { trust } = stored;
  const strangers = unknownTo(trust, published, settings, now);
  if (strangers.length > 0) return { kind: 'adopt', previous: strangers };
  // Even if something cannot be published, this continues.
  const names = namesDue(trust, settings, now);
  if (names !== undefined) return { kind: 'renew', names };
  const bundle = bundleOf(trustedBy(trust));
  const where = published.filter(({ bundles }) => bundles.some(({ text }) => text !== bundle));
  if (where.length > 0) return { kind: 'publish', bundle, where };
  const change = changeOfAuthority(trust, steadyMs, settings, now);
  if (change !== undefined) return change;
  // A replica that has just started does not know whether all this is outdated.
  const over = trust.previous
    .filter(({ until }) => until <= now)
    .map(({ authority }) => authority.id)
    .filter((id) => steadyMs(id) >= settleMs(settings));
  return over.length > 0 ? { kind: 'drop', ids: new Set(over) } : { kind: 'wait' };
}

/** The step towards the next CA, if one is due. */
function changeOfAuthority(
  { authority, next, previous }: Trust,
  steadyMs: View['steadyMs'],
  settings: TrustSettings,
  now: number,
): Step | undefined {
  if (next !== undefined && next.expires > now) {
    const isDue = authority.expires <= now || steadyMs(next.id) >= settleMs(settings);
    return isDue ? { kind: 'switch' } : undefined;
  }
  if (authority.expires <= now) return { kind: 'issue', previous };
  return isRenewalDue(authority, settings.authorityMs, now) ? { kind: 'announce' } : undefined;
}

function nextOfPaths({ stored, remembered, published, steadyMs }: View, settings: TrustSettings, now: number): Step {
  const trust = stored.kind === 'trust' ? stored.trust : remembered;
  if (trust === undefined) return { kind: 'wait' };
  const paths = trust.paths ?? remembered?.paths;
  if (stored.kind === 'trust' && stored.trust.paths === undefined) {
    return paths === undefined ? { kind: 'make-secret' } : { kind: 'restore-secrets', paths };
  }
  if (paths === undefined) return { kind: 'wait' };
  const pathView = { paths, pair: trust.pair, published, steadyMs };
  if (stored.kind === 'trust') return decidePaths(pathView, settings, now);
  const where = pathsDue(pathView, settings, now);
  return where.length > 0 ? { kind: 'publish-paths', where } : { kind: 'wait' };
}

/** Without any, a path that is missing is written as one without a secret, which every version answers. */
const NO_SECRETS: PathSecrets = { secrets: [], made: 0, freshUntil: 0, plainUntil: 0 };

/**
 * pathsRegardless lists the paths to write although the chosen step has failed. That step may never succeed, for
 * example if the Secret is immutable, and a webhook without a path is not called.
 */
export function pathsRegardless(view: View, settings: TrustSettings, now: number): readonly PathsToWrite[] {
  const { stored, remembered, published, steadyMs } = view;
  const trust = stored.kind === 'trust' ? stored.trust : remembered;
  if (trust === undefined) return [];
  const paths = trust.paths ?? remembered?.paths ?? NO_SECRETS;
  return pathsMissing({ paths, pair: trust.pair, published, steadyMs }, settings, now);
}

/** If nothing is published, no replica runs that could know other paths than this version. */
function isFirst(published: readonly Published[]): boolean {
  return published.every(
    ({ bundles, paths }) => bundles.every(({ text }) => text === '') && paths.every(({ path }) => path === undefined),
  );
}

/** The names of a new certificate by the same CA, if one is due and would last longer or have more names. */
function namesDue({ authority, pair }: Trust, settings: TrustSettings, now: number): readonly string[] | undefined {
  if (authority.expires <= now) return undefined;
  const isLonger = Math.min(now + settings.certificateMs, authority.expires) > pair.expires;
  if (isLonger && isRenewalDue(pair, settings.certificateMs, now)) return settings.names;
  // While the names of a release change, its replicas do not agree on them.
  const names = [...new Set([...pair.names, ...settings.names])];
  return names.length > pair.names.length ? names : undefined;
}

/** isSuperseded tells whether the Secret has its former content again: someone has restored a backup. */
export function isSuperseded(trust: Trust, remembered: Trust | undefined, now: number): boolean {
  return remembered !== undefined && trust.generation < remembered.generation && isUsable(remembered, now);
}

function isUsable({ pair, authority }: Trust, now: number): boolean {
  return pair.expires > now && authority.expires > now;
}

/** recover restores the remembered state if it is still valid; a CA that was published is trusted in any case. */
function recover({ remembered, published }: View, settings: TrustSettings, now: number): Step {
  if (remembered === undefined || !isUsable(remembered, now)) {
    const previous = unknownTo(undefined, published, settings, now);
    return { kind: 'issue', previous, first: isFirst(published) || undefined };
  }
  const strangers = unknownTo(remembered, published, settings, now);
  return { kind: 'restore', trust: { ...remembered, previous: [...remembered.previous, ...strangers] } };
}

/**
 * Without a Secret nothing is certain. If this replica's certificate would be refused, its CA is published beside the
 * other CAs of the release, so that no replica removes what another one needs.
 */
function keepUp({ remembered, published }: View): Step {
  if (remembered === undefined) return { kind: 'wait' };
  const where = published.filter(({ bundles }) =>
    bundles.some(({ authorities }) => !authorities.some(({ id }) => id === remembered.pair.issuer)),
  );
  if (where.length === 0) return { kind: 'wait' };
  const all = new Map([...authoritiesIn(published), ...trustedBy(remembered)].map((one) => [one.id, one]));
  return { kind: 'publish', bundle: bundleOf([...all.values()]), where };
}

/**
 * unknownTo lists the authorities of the release that are in a configuration but unknown: they signed certificates that
 * another replica may still present, because the Secret was lost meanwhile or an older one was restored.
 */
function unknownTo(
  trust: Trust | undefined,
  published: readonly Published[],
  settings: TrustSettings,
  now: number,
): readonly PreviousAuthority[] {
  const known = new Set(trust && [...trustedBy(trust), ...trust.dropped].map(({ id }) => id));
  const room = Math.max(0, MOST_PREVIOUS - (trust?.previous.length ?? 0));
  const margin = marginMs(settings);
  const until = now + settings.certificateMs + margin;
  const found = new Map(authoritiesIn(published).map((one) => [one.id, one]));
  return [...found.values()]
    .filter(({ id, expires }) => !known.has(id) && expires + margin > now)
    .slice(0, room)
    .map((authority) => ({ authority, until }));
}

function authoritiesIn(published: readonly Published[]): readonly Authority[] {
  return published.flatMap(({ bundles }) => bundles.flatMap(({ authorities }) => authorities));
}
