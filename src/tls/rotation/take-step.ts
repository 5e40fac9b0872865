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
  /** What nobody can guess, of 128 bits, as isPathSecret takes it. */
  pathSecret(): string;
}

/** SecretStep is a step that changes the Secret. */
export type SecretStep = Exclude<Step, { readonly kind: 'wait' | 'publish' | 'publish-paths' }>;

/** advance makes what the Secret is to hold after a step. `trust` is what it holds; undefined where that is of no use. */
export async function advance(
  step: SecretStep,
  trust: Trust | undefined,
  issuer: Issuer,
  settings: TrustSettings,
  now: number,
): Promise<Trust> {
  const { certificateMs, authorityMs } = settings;
  if (step.kind === 'restore') {
    // One that was signed since, and is lost, is no younger than this moment.
    const leavesUntil = Math.max(step.trust.leavesUntil, now + certificateMs);
    return { ...step.trust, generation: step.trust.generation + 1, leavesUntil };
  }
  const dropped = (trust?.dropped ?? []).filter(({ expires }) => expires + marginMs(settings) > now);
  if (step.kind === 'issue' || trust === undefined) {
    const authority = await issuer.authority(now, now + authorityMs);
    const previous = step.kind === 'issue' ? step.previous : [];
    const generation = Math.max(Math.floor(now / 1000), (trust?.generation ?? 0) + 1);
    const isFirst = step.kind === 'issue' && step.first === true;
    const paths = trust?.paths ?? firstSecret(issuer.pathSecret(), now, isFirst ? now + settleMs(settings) : 0);
    return { generation, ...(await signed(authority, settings.names)), previous, dropped, paths };
  }
  const { previous, authority } = trust;
  const changed = { ...trust, generation: trust.generation + 1, dropped };
  switch (step.kind) {
    case 'adopt':
      return { ...changed, previous: [...previous, ...step.previous] };
    case 'announce':
      return { ...changed, next: await issuer.authority(now, now + authorityMs) };
    case 'renew': {
      const { pair, leavesUntil } = await signed(authority, step.names);
      return { ...changed, pair, leavesUntil: Math.max(trust.leavesUntil, leavesUntil) };
    }
    case 'switch': {
      const { next, ...rest } = changed;
      if (next === undefined) throw new Error('there is no CA to switch to');
      const { key: _, ...old } = authority;
      const until = trust.leavesUntil + marginMs(settings);
      return { ...rest, ...(await signed(next, settings.names)), previous: [...previous, { authority: old, until }] };
    }
    case 'drop':
      return without(changed, step.ids);
    case 'restore-secrets':
      return { ...changed, paths: step.paths };
    default:
      return { ...changed, paths: afterPathStep(step, trust.paths, issuer.pathSecret(), settleMs(settings), now) };
  }

  async function signed(by: SigningAuthority, names: readonly string[]) {
    const pair = await issuer.pair(by, names, now, Math.min(now + certificateMs, by.expires));
    return { authority: by, pair, leavesUntil: pair.expires };
  }
}

/** What is dropped may stand in configurations a moment longer, and must not be taken for something to trust again. */
function without(trust: Trust, ids: ReadonlySet<string>): Trust {
  const isGone = ({ authority }: PreviousAuthority) => ids.has(authority.id);
  const gone = trust.previous.filter(isGone).map(({ authority: { id, expires } }) => ({ id, expires }));
  const previous = trust.previous.filter((one) => !isGone(one));
  return { ...trust, previous, dropped: [...trust.dropped, ...gone] };
}
