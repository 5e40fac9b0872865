import type { Json } from '../../objects/fields.ts';
import type { Time } from '../../runtime/clock.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { LEASES, type Resource } from '../api/resource.ts';
import { claimed, type LeaseRecord, readLease, released } from './lease.ts';
import type { Moment } from './term.ts';

/** LeaseLockOptions are the Lease and the identity of the candidate. */
export interface LeaseLockOptions {
  readonly client: Pick<Client, 'get' | 'update'>;
  readonly namespace: string;
  readonly name: string;
  /** Unique to this replica. */
  readonly identity: string;
  readonly clock: Time;
  readonly leaseDurationMs: number;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
}

/**
 * LeaseLock holds one Lease, as client-go's tryAcquireOrRenew (tools/leaderelection/leaderelection.go): another holder's
 * Lease has expired when it was not renewed for its duration as seen from here, by this machine's own clock; every
 * write names the version that it replaces, so that of several writers one wins. The Lease is never created. Methods throw
 * what the client throws.
 */
export class LeaseLock {
  private readonly options: LeaseLockOptions;
  private readonly resource: Resource;
  private lease: Json | undefined;
  private record: LeaseRecord | undefined;
  private observedAt = 0;
  private mayBeOurs = false;

  constructor(options: LeaseLockOptions) {
    this.options = options;
    this.resource = { ...LEASES, namespace: options.namespace };
  }

  /** The holder of the Lease, as last seen; empty if it is free. */
  get holder(): string {
    return this.record?.holder ?? '';
  }

  /** acquire takes the Lease if it is free, and returns when; undefined if another replica holds it, or was faster. */
  async acquire(signal: AbortSignal): Promise<Moment | undefined> {
    const askedAt = this.options.clock.elapsed();
    const record = await this.look(signal);
    const { identity, leaseDurationMs } = this.options;
    const expiresAt = this.observedAt + (record.durationMs ?? leaseDurationMs);
    if (record.holder !== '' && record.holder !== identity && askedAt < expiresAt) return undefined;
    return unlessConflict(this.claim(signal));
  }

  /**
   * renew keeps the Lease, and returns when: the moment before the request, since others count from a later one.
   * undefined if this replica no longer holds the Lease.
   */
  async renew(signal: AbortSignal): Promise<Moment | undefined> {
    const renewed = await unlessConflict(this.claim(signal));
    if (renewed !== undefined) return renewed;
    const { holder } = await this.look(signal);
    return holder === this.options.identity ? this.claim(signal) : undefined;
  }

  /** release gives up the Lease if this replica holds it. It tries once: a Lease that is not released expires. */
  async release(signal: AbortSignal): Promise<void> {
    if (!this.mayBeOurs) return;
    this.mayBeOurs = false;
    const { holder } = await this.look(signal);
    if (holder === this.options.identity)
      await this.write((lease) => released(lease, this.options.clock.now()), signal);
  }

  private async claim(signal: AbortSignal): Promise<Moment> {
    const { identity, leaseDurationMs, clock } = this.options;
    const moment = { elapsed: clock.elapsed(), now: clock.now() };
    this.mayBeOurs = true;
    await this.write((lease) => claimed(lease, identity, leaseDurationMs, moment.now), signal);
    return moment;
  }

  private async look(signal: AbortSignal): Promise<LeaseRecord> {
    const { client, name, timeoutMs, identity } = this.options;
    const record = this.observe(await client.get(this.resource, name, { signal, timeoutMs }));
    if (record.holder !== identity) this.mayBeOurs = false;
    return record;
  }

  private async write(change: (lease: Json) => Json, signal: AbortSignal): Promise<void> {
    const { client, name, timeoutMs } = this.options;
    if (this.lease === undefined) throw new Error('lease: written before it was read');
    this.observe(await client.update(this.resource, name, change(this.lease), { signal, timeoutMs }));
  }

  private observe(lease: Json): LeaseRecord {
    const record = readLease(lease);
    if (record.text !== this.record?.text) this.observedAt = this.options.clock.elapsed();
    this.lease = lease;
    this.record = record;
    return record;
  }
}

async function unlessConflict(claim: Promise<Moment>): Promise<Moment | undefined> {
  try {
    return await claim;
  } catch (error) {
    if (error instanceof ApiError && error.isConflict) return undefined;
    throw error;
  }
}
