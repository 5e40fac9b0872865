import { asObject, asString, field, type Json } from '../../objects/fields.ts';

/** LeaseRecord is what an election reads of a Lease. */
export interface LeaseRecord {
  /** Empty if it is free. */
  readonly holder: string;
  /** How long it is held after each renewal, as its holder states, in milliseconds; undefined if not stated. */
  readonly durationMs: number | undefined;
  /**
   * Differs after each renewal. Its times are from its holder's clock, and are not compared with those of other
   * machines.
   */
  readonly text: string;
}

/** readLease reads a Lease, even one that was created empty. Throws InvalidObject for anything else. */
export function readLease(lease: Json): LeaseRecord {
  const spec = specOf(lease);
  const seconds = field(spec, 'leaseDurationSeconds');
  return {
    holder: asString(field(spec, 'holderIdentity') ?? '', 'spec.holderIdentity'),
    durationMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
    text: JSON.stringify(spec),
  };
}

/** claimed returns the Lease as held by `identity` from `now` on (milliseconds since the epoch), all else kept. */
export function claimed(lease: Json, identity: string, durationMs: number, now: number): Json {
  const spec = specOf(lease);
  const isRenewal = field(spec, 'holderIdentity') === identity;
  return withSpec(lease, {
    ...spec,
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: isRenewal ? field(spec, 'acquireTime') : microTime(now),
    renewTime: microTime(now),
    leaseTransitions: transitionsOf(spec) + (isRenewal ? 0 : 1),
  });
}

/** released returns the Lease as free, for the next one to take at once; all else kept. */
export function released(lease: Json, now: number): Json {
  const time = microTime(now);
  // As client-go: a duration of zero is refused, and one second lets also those take it who look at nothing else.
  const spec = { ...specOf(lease), holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
  return withSpec(lease, { ...spec, leaseTransitions: transitionsOf(spec) });
}

function specOf(lease: Json): Json {
  return asObject(field(lease, 'spec'), 'spec');
}

function withSpec(lease: Json, spec: Json): Json {
  return { ...lease, spec };
}

function transitionsOf(spec: Json): number {
  const transitions = field(spec, 'leaseTransitions');
  return typeof transitions === 'number' ? transitions : 0;
}

/** metav1.MicroTime has six digits after the point. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}
