import { type PublishedPath, standing } from './path-secrets.ts';
import type { Authority, ServingPair, TrustSettings } from './trust.ts';

/** Bundle is the CA bundle of one webhook, as the configuration has it. */
export interface Bundle {
  /** PEM, or whatever is there; empty for none. */
  readonly text: string;
  /** Those in it that this release made. */
  readonly authorities: readonly Authority[];
}

/** Published is a webhook configuration that exists, as it was in one version of it. */
export interface Published {
  readonly name: string;
  /** Its resourceVersion. */
  readonly version: string;
  /** Of each webhook in it. */
  readonly bundles: readonly Bundle[];
  /** Of each webhook in it. */
  readonly paths: readonly PublishedPath[];
}

/** As long as client-go's reflector needs, at worst, to notice a watch that has silently died (tools/cache/reflector.go). */
const MOST_SETTLE_MS = 10 * 60_000;

/** A process that has not read for longer, for example because it was stopped, knows nothing of the time between. */
const MOST_GAP_MS = 3 * 60_000;

/**
 * settleMs is how long a CA must be in every configuration before it counts as known to every API server: each follows
 * the configurations with a watch of its own. Short lifetimes, for tests, leave less time.
 */
export function settleMs({ authorityMs }: TrustSettings): number {
  return Math.min(MOST_SETTLE_MS, authorityMs / 20);
}

/** isTrusted tells whether every configuration lets the API server trust a certificate; true if there is none. */
export function isTrusted({ issuer }: Pick<ServingPair, 'issuer'>, published: readonly Published[]): boolean {
  return published.every(({ bundles }) => bundles.every((bundle) => holds(bundle, issuer)));
}

/** trustedEverywhere lists those of some authorities that are in every configuration, by their ids. */
export function trustedEverywhere(ids: Iterable<string>, published: readonly Published[]): readonly string[] {
  return [...ids].filter((issuer) => isTrusted({ issuer }, published));
}

/** Steadiness remembers since when a fact has held, such as that an authority is in every configuration. */
export class Steadiness {
  private since = new Map<string, number>();
  private lookedAt = Number.NEGATIVE_INFINITY;

  /** look records all facts of the latest read; `elapsed` is by a clock that is never set. */
  look(holding: readonly string[], elapsed: number): void {
    const known = elapsed - this.lookedAt > MOST_GAP_MS ? new Map<string, number>() : this.since;
    this.since = new Map(holding.map((fact) => [fact, known.get(fact) ?? elapsed]));
    this.lookedAt = elapsed;
  }

  /** forMs returns for how long a fact has held, in milliseconds; 0 if it does not. */
  forMs(fact: string, elapsed: number): number {
    const since = this.since.get(fact);
    return since === undefined ? 0 : elapsed - since;
  }
}

function holds({ authorities }: Bundle, id: string): boolean {
  return authorities.some((authority) => authority.id === id);
}

/** secretsIn lists the secrets in configurations, each once. */
export function secretsIn(published: readonly Published[]): ReadonlySet<string> {
  const all = published.flatMap(({ paths }) => paths.map((path) => standing(path)));
  return new Set(all.flatMap((one) => (one.kind === 'secret' ? [one.secret] : [])));
}

/** isAnswered tells whether every webhook that is called by a Service is called at a path that some replica answers. */
export function isAnswered(published: readonly Published[]): boolean {
  const ours = published.flatMap(({ paths }) => paths.filter(({ by }) => by === 'service'));
  return ours.every((one) => standing(one).kind !== 'broken');
}
