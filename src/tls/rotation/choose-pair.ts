import { isTrusted, type Published, settleMs } from './published.ts';
import { marginMs, type ServingPair, type TrustSettings } from './trust.ts';

/** Showing is what a replica knows when it chooses between the certificate that it shows and the one of the Secret. */
export interface Showing {
  readonly shown: ServingPair | undefined;
  readonly stored: ServingPair;
  readonly published: readonly Published[];
  /** See View. */
  readonly steadyMs: (id: string) => number;
}

/**
 * pairToShow keeps what is shown until every API server trusts what is stored. In a planned change they do before it is
 * stored; if the Secret was lost and created again, they may not.
 */
export function pairToShow({ shown, stored, published, steadyMs }: Showing, settings: TrustSettings, now: number) {
  if (shown === undefined || shown.expires <= now || shown.issuer === stored.issuer) return stored;
  const steady = steadyMs(stored.issuer);
  if (steady >= settleMs(settings)) return stored;
  const isEnding = shown.expires - marginMs(settings) <= now && steady >= settleMs(settings) / 3;
  const isOnlyHope = !isTrusted(shown, published) && isTrusted(stored, published);
  return isEnding || isOnlyHope ? stored : shown;
}
