import type { Issuer } from '../../../../src/tls/advance.ts';
import { Keeper } from '../../../../src/tls/keeper.ts';
import type { ServingPair, TrustSettings } from '../../../../src/tls/trust.ts';
import type { Chance } from '../../../fuzz/chance.ts';
import type { ModelCluster } from './model-cluster.ts';
import type { Timeline } from './timeline.ts';

/** How long a request is waited for, and how late one may still arrive. */
const TIMEOUT_MS = 30_000;
const LATE_MS = 8 * 60_000;

/** ReplicaOptions are what a replica lives in. */
export interface ReplicaOptions {
  readonly timeline: Timeline;
  readonly cluster: ModelCluster;
  readonly chance: Chance;
  readonly settings: TrustSettings;
  /** How far its clock is ahead, in milliseconds. */
  readonly skewMs: number;
  /** It shows what the Secret holds as soon as it has read it. */
  readonly isHasty: boolean;
  /** Of so many requests one arrives late. */
  readonly lateOneIn: number;
  /** Makes a name that nobody else has. */
  readonly serial: () => number;
}

/** ModelReplica is a process: the keeper itself, with a clock and an API server that are not to be relied on. */
export class ModelReplica {
  shown: ServingPair | undefined;
  isCutOff = false;
  /** Stopped until this moment, as by SIGSTOP. */
  frozenUntil = 0;
  /** Since when it has been ready without a break. */
  readySince: number | undefined;
  failures = 0;
  readonly keeper: Keeper;
  private isNew = false;
  private readonly options: ReplicaOptions;
  private readonly abort = new AbortController();

  constructor(options: ReplicaOptions) {
    this.options = options;
    const { cluster, timeline, chance, settings, skewMs } = options;
    this.keeper = new Keeper({
      store: {
        read: () => this.ask(() => cluster.secret()),
        write: (trust, version) => this.ask(() => cluster.writeSecret(trust, version)),
      },
      publications: {
        read: async () => {
          const all = await Promise.all(cluster.names().map((name) => this.ask(() => cluster.published(name))));
          return all.filter((one) => one !== undefined);
        },
        publish: (published, bundle) => this.ask(() => cluster.publish(published, bundle)),
      },
      issuer: this.issuer(),
      settings: () => settings,
      clock: {
        now: () => timeline.now + skewMs,
        elapsed: () => timeline.now,
        random: () => chance.below(1000) / 1000,
        sleep: (ms, signal) => this.sleep(ms, signal),
      },
      observer: {
        shows: (pair) => {
          this.isNew = this.shown !== undefined && this.shown.expires <= timeline.now + skewMs;
          this.shown = pair;
        },
        found: (stored) => {
          if (options.isHasty && stored.kind === 'trust') this.shown = stored.trust.pair;
        },
        took: () => undefined,
        failed: () => {
          this.failures += 1;
        },
      },
    });
    void this.keeper.run(this.abort.signal);
  }

  get isFrozen(): boolean {
    return this.frozenUntil > this.options.timeline.now;
  }

  /** Whether it had nothing left to show, and shows something else since this was asked last. */
  hasBegunAnew(): boolean {
    const { isNew } = this;
    this.isNew = false;
    return isNew;
  }

  /** nudge comes as late as a watch may. */
  nudge(): void {
    const { chance } = this.options;
    if (!this.isCutOff) this.plan(chance.below(chance.below(10) === 0 ? 90_000 : 500), () => this.keeper.nudge());
  }

  kill(): void {
    this.abort.abort();
  }

  /**
   * What it asks is done at some moment between the question and the answer. The answer may be lost, and a request may
   * arrive long after it was given up.
   */
  private ask<T>(work: () => T): Promise<T> {
    const { chance, timeline, lateOneIn } = this.options;
    const isLate = chance.below(lateOneIn) === 0;
    const isLost = this.isCutOff || isLate || chance.below(200) === 0;
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error('no answer'));
      if (isLost) this.plan(TIMEOUT_MS, giveUp);
      timeline.plan(timeline.now + (isLate ? chance.below(LATE_MS) : this.delay()), () => {
        if (this.isCutOff) return this.plan(this.delay(), giveUp);
        try {
          const result = work();
          if (!isLost) this.plan(this.delay(), () => resolve(result));
        } catch (error) {
          this.plan(this.delay(), () => reject(error instanceof Error ? error : new Error(String(error))));
        }
      });
    });
  }

  private sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.plan(ms, resolve);
    });
  }

  /** Nothing happens in a process that is stopped, and all of it at once when it goes on. */
  private plan(ms: number, run: () => void): void {
    const { timeline } = this.options;
    const when = timeline.now + ms;
    timeline.plan(when, () => {
      if (this.isFrozen) timeline.plan(this.frozenUntil, run);
      else run();
    });
  }

  private delay(): number {
    const { chance } = this.options;
    return chance.below(chance.below(20) === 0 ? 20_000 : 300);
  }

  private issuer(): Issuer {
    const { cluster, serial } = this.options;
    return {
      authority: (now, expires) => {
        const id = `ca-${serial()}`;
        const authority = { id, cert: `<${id}>`, key: `key of ${id}`, issued: now, expires };
        cluster.authorities.set(id, authority);
        return Promise.resolve(authority);
      },
      pair: (authority, names, now, expires) => {
        const cert = `leaf-${serial()}`;
        return Promise.resolve({ cert, key: cert, issuer: authority.id, issued: now, expires, names });
      },
    };
  }
}
