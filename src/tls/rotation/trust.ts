import type { KeyPair } from '../x509/key-pair.ts';
import type { PathSecrets } from './path-secrets.ts';

/** Authority is a CA certificate. Times are in milliseconds since the epoch. */
export interface Authority {
  /** SHA-256 of the certificate. */
  readonly id: string;
  /** PEM. */
  readonly cert: string;
  readonly issued: number;
  readonly expires: number;
}

/** SigningAuthority is one with a known key. */
export interface SigningAuthority extends Authority {
  /** PEM. */
  readonly key: string;
}

/** ServingPair is a serving certificate with its key, and the data read from it. */
export interface ServingPair extends KeyPair {
  /** Id of the authority that signed it. */
  readonly issuer: string;
  readonly issued: number;
  /** The DNS names that it is for. */
  readonly names: readonly string[];
}

/** PreviousAuthority signs nothing any more, and is trusted for as long as its certificates may be presented. */
export interface PreviousAuthority {
  readonly authority: Authority;
  readonly until: number;
}

/** DroppedAuthority is a CA of the release that is no longer trusted, although it has not expired. */
export interface DroppedAuthority {
  readonly id: string;
  readonly expires: number;
}

/** Trust is everything that the replicas of a release share: their certificate and its CAs. */
export interface Trust {
  /** Grows with every change, even when the release starts again with a new CA. */
  readonly generation: number;
  readonly authority: SigningAuthority;
  readonly pair: ServingPair;
  /** No certificate that `authority` signed outlives this. */
  readonly leavesUntil: number;
  /** The CA that will sign once every API server knows it. */
  readonly next?: SigningAuthority | undefined;
  readonly previous: readonly PreviousAuthority[];
  readonly dropped: readonly DroppedAuthority[];
  /** Absent if an older version, which knows none, has written last. */
  readonly paths?: PathSecrets | undefined;
}

/** TrustSettings are how long certificates last, and for which DNS names. Times in milliseconds. */
export interface TrustSettings {
  readonly authorityMs: number;
  readonly certificateMs: number;
  readonly names: readonly string[];
}

/**
 * trustedBy lists the authorities that the API server should trust. It depends on nothing else, least of all on a
 * clock.
 */
export function trustedBy({ authority, next, previous }: Trust): readonly Authority[] {
  return [authority, ...(next === undefined ? [] : [next]), ...previous.map((one) => one.authority)];
}

/** bundleOf writes authorities as a CA bundle, PEM. */
export function bundleOf(authorities: readonly Authority[]): string {
  return authorities.map(({ cert }) => cert).join('');
}

/**
 * isRenewalDue tells whether two thirds of a certificate's time are over, as in cert-manager; `mostMs` bounds that
 * time.
 */
export function isRenewalDue(
  { issued, expires }: Pick<Authority, 'issued' | 'expires'>,
  mostMs: number,
  now: number,
): boolean {
  return now >= issued + (Math.min(expires - issued, mostMs) * 2) / 3;
}

/** marginMs is how long an expired certificate still counts, since clocks differ. */
export function marginMs({ certificateMs }: TrustSettings): number {
  return certificateMs / 6;
}
