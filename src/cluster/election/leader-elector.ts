import { onAbort } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { LeaseLock } from './lease-lock.ts';
import { type Moment, NotLeading, Term } from './term.ts';

/** LeaderElectorOptions are the inputs of a candidate. */
export interface LeaderElectorOptions {
  readonly client: Pick<Client, 'get' | 'update'>;
  /** Of the Lease, which must exist; it may be empty. */
  readonly namespace: string;
  readonly name: string;
  /** Such as the pod's name. What is written has a random end of its own, so that no two processes ever share it. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Called for every term, with a signal that fires the moment that leadership is no longer certain. It must end soon
   * after that: the next term, and the release of the Lease, wait for it.
   */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  readonly onChange?: ((isLeader: boolean) => void) | undefined;
}

/** As kube-controller-manager (component-base/config/v1alpha1/defaults.go). Others take the Lease when it was not renewed for so long. */
const LEASE_DURATION_MS = 15_000;
/** The leader steps down if it could not renew the Lease for this long. */
const RENEW_DEADLINE_MS = 10_000;
const RETRY_PERIOD_MS = 2000;
/** client-go's JitterFactor: those who wait do so for up to 2.2 periods, so that they do not all come at once. */
const JITTER = 1.2;

/**
 * LeaderElector leads while it holds a Lease, as client-go's leader election. It starts at once, and tries forever. An
 * election cannot fence: a write in transit when a term ends may still arrive, so every write must be idempotent. As
 * far as possible, writes through `client.guardedBy(() => elector.assertCertain())` are held back unless the Lease was
 * renewed in time by the clocks when they are sent, even in a process that was suspended and continues before its
 * timers fire.
 */
export class LeaderElector {
  private readonly options: LeaderElectorOptions;
  private readonly lock: LeaseLock;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private term: Term | undefined;
  private complaint = '';

  constructor(options: LeaderElectorOptions) {
    const { clock, identity } = options;
    this.options = options;
    this.lock = new LeaseLock({
      ...options,
      identity: `${identity}_${Math.floor(clock.random() * 2 ** 48).toString(36)}`,
      leaseDurationMs: LEASE_DURATION_MS,
      // One connection that is dead must leave time for another one.
      timeoutMs: RENEW_DEADLINE_MS / 2,
    });
    this.running = this.run();
  }

  get isLeader(): boolean {
    return this.term?.isCertain() ?? false;
  }

  /** assertCertain throws NotLeading unless this replica leads by the current clocks. */
  assertCertain(): void {
    if (!this.isLeader) throw new NotLeading('not the leader');
  }

  /** stop ends the term, waits for `lead` to end, and releases the Lease. */
  async stop(): Promise<void> {
    this.stopping.abort(new NotLeading('stopped'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const acquiredAt = await this.attempt(() => this.lock.acquire(signal));
      if (acquiredAt !== undefined && acquiredAt !== 'failed' && !signal.aborted) await this.serve(acquiredAt);
      await clock.sleep(RETRY_PERIOD_MS * (1 + clock.random() * JITTER), signal);
    }
    await this.release();
  }

  /** Serves one term, from acquiring the Lease to giving it up. */
  private async serve(acquiredAt: Moment): Promise<void> {
    const { clock, logger, onChange } = this.options;
    const term = new Term(clock, RENEW_DEADLINE_MS, acquiredAt);
    if (!term.isCertain()) return;
    const release = onAbort(this.stopping.signal, () => term.end('stopped'));
    onAbort(term.signal, () => {
      logger.info({ why: String(term.signal.reason) }, 'stopped leading');
      onChange?.(false);
    });
    this.term = term;
    logger.info({}, 'started leading');
    onChange?.(true);
    await Promise.all([this.work(term), this.keepRenewing(term), this.endInTime(term)]);
    release();
    this.term = undefined;
    await this.release();
  }

  private async work(term: Term): Promise<void> {
    try {
      await this.options.lead(term.signal);
    } catch (error) {
      if (!term.signal.aborted) this.options.logger.error({ err: error }, 'leading failed');
    }
    term.end('its work has ended');
  }

  private async keepRenewing(term: Term): Promise<void> {
    for (;;) {
      await this.options.clock.sleep(RETRY_PERIOD_MS, term.signal);
      if (!term.isCertain()) return;
      const renewedAt = await this.attempt(() => this.lock.renew(term.signal));
      if (renewedAt === undefined) term.end(`${this.lock.holder || 'no one'} holds the Lease`);
      else if (renewedAt !== 'failed') term.renewed(renewedAt);
    }
  }

  private async endInTime(term: Term): Promise<void> {
    while (term.isCertain()) await this.options.clock.sleep(term.leftMs(), term.signal);
  }

  private async release(): Promise<void> {
    await this.attempt(() => this.lock.release(new AbortController().signal));
  }

  /** A fault is logged when it begins, not at every try. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | 'failed'> {
    try {
      const result = await work();
      this.complaint = '';
      return result;
    } catch (error) {
      if (this.stopping.signal.aborted || this.term?.signal.aborted) return 'failed';
      const complaint = String(error);
      if (complaint !== this.complaint) this.complain(error);
      this.complaint = complaint;
      return 'failed';
    }
  }

  private complain(error: unknown): void {
    const { namespace, name, logger } = this.options;
    const fields = { namespace, lease: name, err: error };
    if (error instanceof ApiError && error.isNotFound) {
      logger.warn(fields, 'Lease not found, so no replica can lead; install the chart again or create an empty Lease');
    } else {
      logger.warn(fields, 'cannot read or write the Lease, retrying');
    }
  }
}
