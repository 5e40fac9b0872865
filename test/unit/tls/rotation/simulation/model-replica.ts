import {
  type AcceptedPaths,
  acceptedPaths,
  NOTHING_SIGHTED,
  type PathSightings,
  sighted,
} from '../../../../../src/tls/rotation/accepted-paths.ts';
import type { Stored } from '../../../../../src/tls/rotation/decide.ts';
import { Keeper } from '../../../../../src/tls/rotation/keeper.ts';
import { type PathSecrets, standing } from '../../../../../src/tls/rotation/path-secrets.ts';
import { settleMs } from '../../../../../src/tls/rotation/published.ts';
import type { Issuer } from '../../../../../src/tls/rotation/take-step.ts';
import type { ServingPair, Trust, TrustSettings } from '../../../../../src/tls/rotation/trust.ts';
import type { Chance } from '../../../../fuzz/chance.ts';
import type { VirtualTime } from '../../../../harness/virtual-time.ts';
import { type ModelCluster, PLAIN } from './model-cluster.ts';

/** How long a request is waited for, and how late one may still arrive. */
const TIMEOUT_MS = 30_000;
const LATE_MS = 8 * 60_000;

/** ReplicaOptions are what a replica lives in. */
export interface ReplicaOptions {
  readonly time: VirtualTime;
  readonly cluster: ModelCluster;
  readonly chance: Chance;
  readonly settings: TrustSettings;
  /** How far its clock is ahead, in milliseconds. */
  readonly skewMs: number;
  /** It shows what the Secret holds as soon as it has read it. */
  readonly isHasty: boolean;
  /** Of so many requests one arrives late. */
  readonly lateOneIn: number;
  /** It is of a version that knows no secrets of paths: what the Secret says of them, it loses. */
  readonly isOld?: boolean;
  /** It does not know for how long paths without a secret are still called. */
  readonly forgetsPlain?: boolean;
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
  private seen: PathSightings = NOTHING_SIGHTED;
  private paths: PathSecrets | undefined;
  readonly keeper: Keeper;
  private isNew = false;
  private readonly options: ReplicaOptions;
  private readonly abort = new AbortController();

  constructor(options: ReplicaOptions) {
    this.options = options;
    const { cluster, time, chance, settings, skewMs } = options;
    this.keeper = new Keeper({
      store: {
        read: () =>
          this.ask(() => {
            const { stored, version } = cluster.secret();
            return { stored: this.isOld ? withDummy(stored) : stored, version };
          }),
        write: (trust, version) =>
          this.ask(() => cluster.writeSecret(this.isOld ? withoutPaths(trust) : trust, version)),
      },
      publications: {
        read: async () => {
          const all = await Promise.all(cluster.names().map((name) => this.ask(() => cluster.published(name))));
          return all.flatMap((one) => (one === undefined ? [] : [this.isOld ? { ...one, paths: [] } : one]));
        },
        publishPaths: (where) => this.ask(() => cluster.publishPaths(where)),
        isRolledOut: () => this.ask(() => cluster.seemsRolledOut()),
        publish: (published, bundle) => this.ask(() => cluster.publish(published, bundle)),
      },
      issuer: this.issuer(),
      settings: () => settings,
      clock: {
        now: () => time.now + skewMs,
        elapsed: () => time.now,
        random: () => chance.below(1000) / 1000,
        sleep: (ms, signal) => this.sleep(ms, signal),
      },
      observer: {
        shows: (pair) => {
          this.isNew = this.shown !== undefined && this.shown.expires <= time.now + skewMs;
          this.shown = pair;
        },
        found: (stored) => {
          if (options.isHasty && stored.kind === 'trust') this.shown = stored.trust.pair;
        },
        foundPaths: ({ paths, published }) => {
          this.paths = paths ?? this.paths;
          this.seen = sighted(this.seen, published, this.moment());
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
    return this.frozenUntil > this.options.time.now;
  }

  get isOld(): boolean {
    return this.options.isOld === true;
  }

  /** Whether a call at a path is answered: what is not known yet is asked for, and where nobody can be asked it is. */
  answers(path: string | undefined): boolean {
    if (this.isOld) return path === PLAIN;
    const { cluster } = this.options;
    const among = ({ secrets, plain }: AcceptedPaths) => {
      const found = standing({ plain: PLAIN, path });
      return found.kind === 'secret' ? secrets.includes(found.secret) : found.kind === 'plain' && plain;
    };
    if (among(acceptedPaths(this.paths, this.seen, this.moment())) || this.isCutOff) return true;
    const { stored } = cluster.secret();
    const seen = sighted(this.seen, cluster.allPublished(), this.moment());
    return among(acceptedPaths(stored.kind === 'trust' ? stored.trust.paths : undefined, seen, this.moment()));
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
    const { chance, time, lateOneIn } = this.options;
    const isLate = chance.below(lateOneIn) === 0;
    const isLost = this.isCutOff || isLate || chance.below(200) === 0;
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error('no answer'));
      if (isLost) this.plan(TIMEOUT_MS, giveUp);
      time.after(isLate ? chance.below(LATE_MS) : this.delay(), () => {
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
    const { time } = this.options;
    time.after(ms, () => {
      if (this.isFrozen) time.at(this.frozenUntil, run);
      else run();
    });
  }

  private moment() {
    const { time, skewMs, settings } = this.options;
    const now = this.options.forgetsPlain === true ? Number.POSITIVE_INFINITY : time.now + skewMs;
    return { now, elapsed: time.now, settle: settleMs(settings) };
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
      pathSecret: () => `secret-${String(serial()).padStart(25, '0')}`,
    };
  }
}

/** An older version has no step to take for them, and so neither has the keeper that stands in for it. */
function withDummy(stored: Stored): Stored {
  if (stored.kind !== 'trust') return stored;
  const paths = { secrets: ['0'.repeat(32)], made: Number.MAX_SAFE_INTEGER, freshUntil: 0, plainUntil: 0 };
  return { kind: 'trust', trust: { ...stored.trust, paths } };
}

function withoutPaths(trust: Trust): Trust {
  const { paths: _, ...rest } = trust;
  return rest;
}
