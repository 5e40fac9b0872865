import type { Step } from './decide.ts';
import { afterPathStep, firstSecret } from './decide-paths.ts';
import { settleMs } from './published.ts';
import {
  marginMs,
  type PreviousAuthority,
  type ServingPair,
  type SigningAuthority,
  type Trust,
  type TrustSettings,
} from './trust.ts';

/** Issuer makes certificates, and secrets. `now` and `expires` are in milliseconds since the epoch. */
export interface Issuer {
  authority(now: number, expires: number): Promise<SigningAuthority>;
  /** Signed by the authority, for a TLS server of these DNS names. */
  pair(authority: SigningAuthority, names: readonly string[], now: number, expires: number): Promise<ServingPair>;
  /** An unguessable text of 128 bits, as isPathSecret accepts it. */
  pathSecret(): string;
}

/** SecretStep is a step that changes the Secret. */
export type SecretStep = Exclude<Step, { readonly kind: 'wait' | 'publish' | 'publish-paths' }>;

/** Signing is the inputs for making certificates now. `now` is in milliseconds since the epoch. */
interface Signing {
  readonly issuer: Issuer;
  readonly settings: TrustSettings;
  readonly now: number;
}

/**
 * takeStep makes the content of the Secret after a step. `trust` is the current content; undefined if that is unusable.
 */
export async function takeStep(step: SecretStep, trust: Trust | undefined, signing: Signing): Promise<Trust> {
  const { settings, now } = signing;
  if (step.kind === 'restore') {
    // A certificate that was signed since and lost is no younger than this moment.
    const leavesUntil = Math.max(step.trust.leavesUntil, now + settings.certificateMs);
    return { ...step.trust, generation: step.trust.generation + 1, leavesUntil };
  }
  const dropped = (trust?.dropped ?? []).filter(({ expires }) => expires + marginMs(settings) > now);
  if (step.kind === 'issue' || trust === undefined) return begun(step, trust, dropped, signing);
  return changed(step, { ...trust, generation: trust.generation + 1, dropped }, signing);
}

async function begun(
  step: SecretStep,
  trust: Trust | undefined,
  dropped: Trust['dropped'],
  signing: Signing,
): Promise<Trust> {
  const { issuer, settings, now } = signing;
  const authority = await issuer.authority(now, now + settings.authorityMs);
  const issue = step.kind === 'issue' ? step : undefined;
  const generation = Math.max(Math.floor(now / 1000), (trust?.generation ?? 0) + 1);
  const freshUntil = issue?.first === true ? now + settleMs(settings) : 0;
  const paths = trust?.paths ?? firstSecret(issuer.pathSecret(), now, freshUntil);
  const pair = await signed(authority, settings.names, signing);
  return { generation, ...pair, previous: issue?.previous ?? [], dropped, paths };
}

async function changed(
  step: Exclude<SecretStep, { readonly kind: 'issue' | 'restore' }>,
  trust: Trust,
  signing: Signing,
): Promise<Trust> {
  const { issuer, settings, now } = signing;
  const { previous, authority } = trust;
  switch (step.kind) {
    case 'adopt':
      return { ...trust, previous: [...previous, ...step.previous] };
    case 'announce':
      return { ...trust, next: await issuer.authority(now, now + settings.authorityMs) };
    case 'renew': {
      const { pair, leavesUntil } = await signed(authority, step.names, signing);
      return { ...trust, pair, leavesUntil: Math.max(trust.leavesUntil, leavesUntil) };
    }
    case 'switch':
      return switched(trust, signing);
    case 'drop':
      return without(trust, step.ids);
    case 'restore-secrets':
      return { ...trust, paths: step.paths };
    default: {
      const fresh = issuer.pathSecret();
      return { ...trust, paths: afterPathStep(step, trust.paths, { fresh, settle: settleMs(settings), now }) };
    }
  }
}

async function switched({ next, ...trust }: Trust, signing: Signing): Promise<Trust> {
  if (next === undefined) throw new Error('there is no CA to switch to');
  const { settings } = signing;
  const { key: _, ...authority } = trust.authority;
  const until = trust.leavesUntil + marginMs(settings);
  const pair = await signed(next, settings.names, signing);
  return { ...trust, ...pair, previous: [...trust.previous, { authority, until }] };
}

async function signed(by: SigningAuthority, names: readonly string[], { issuer, settings, now }: Signing) {
  const pair = await issuer.pair(by, names, now, Math.min(now + settings.certificateMs, by.expires));
  return { authority: by, pair, leavesUntil: pair.expires };
}

/** A dropped CA may remain in configurations a moment longer, and must not be trusted again. */
function without(trust: Trust, ids: ReadonlySet<string>): Trust {
  const isGone = ({ authority }: PreviousAuthority) => ids.has(authority.id);
  const gone = trust.previous.filter(isGone).map(({ authority: { id, expires } }) => ({ id, expires }));
  const previous = trust.previous.filter((one) => !isGone(one));
  return { ...trust, previous, dropped: [...trust.dropped, ...gone] };
}
