import type { Clock } from '../../runtime/clock.ts';
import { LinkedAbort } from '../../runtime/linked-abort.ts';
import { pairToShow } from './choose-pair.ts';
import { decide, isSuperseded, pathsRegardless, type Step, type Stored, type View } from './decide.ts';
import { type PathsToWrite, pathFacts, showsPlainService } from './decide-paths.ts';
import type { PathsFound } from './path-watch.ts';
import { isAnswered, isTrusted, type Published, Steadiness, trustedEverywhere } from './published.ts';
import { StepBackoff } from './step-backoff.ts';
import { type Issuer, takeStep } from './take-step.ts';
import { type ServingPair, type Trust, type TrustSettings, trustedBy } from './trust.ts';

/** WriteOutcome of a write that names the version that it replaces. */
export type WriteOutcome = 'written' | 'conflict';

/** TrustStore is the Secret. Both methods throw if the API server cannot be reached, or refuses. */
export interface TrustStore {
  /** read asks the API server; the answer is no older than the request. */
  read(signal: AbortSignal): Promise<{ readonly stored: Stored; readonly version: string }>;
  write(trust: Trust, version: string, signal: AbortSignal): Promise<WriteOutcome>;
}

/** Publications are netpol-guard's existing webhook configurations. Both methods throw as TrustStore's do. */
export interface Publications {
  /** read is as TrustStore's. */
  read(signal: AbortSignal): Promise<readonly Published[]>;
  /** publish writes the bundle into every webhook of a configuration. */
  publish(published: Published, bundle: string, signal: AbortSignal): Promise<WriteOutcome>;
  /** publishPaths writes the paths at which the API server should call the webhooks of a configuration. */
  publishPaths(where: PathsToWrite, signal: AbortSignal): Promise<WriteOutcome>;
  /** isRolledOut tells whether all replicas have the same version, as far as is known. */
  isRolledOut(signal: AbortSignal): Promise<boolean>;
}

/** KeeperObserver is told about the certificates. */
export interface KeeperObserver {
  /** Another certificate must be presented from now on. */
  shows(pair: ServingPair): void;
  /** The Secret was read: each time. */
  found(stored: Stored): void;
  /** The paths of the Secret and of the configurations were read: each time. */
  foundPaths(found: PathsFound): void;
  /** This replica has taken a step. */
  took(step: Exclude<Step['kind'], 'wait'>): void;
  failed(error: unknown): void;
}

/** KeeperOptions are the inputs of a keeper. */
export interface KeeperOptions {
  readonly store: TrustStore;
  readonly publications: Publications;
  readonly issuer: Issuer;
  readonly settings: () => TrustSettings;
  readonly clock: Clock;
  readonly observer: KeeperObserver;
}

/** How often to check the wall clock: timers stop while a machine is suspended. */
const TICK_MS = 10_000;
/** Between tries, or the steps of a conflict. */
const MOST_PAUSE_MS = 30_000;
const GATHER_MS = 20;
/** How often to read everything again, in case a change went unnoticed. */
const REREAD_MS = 60_000;

type TakenStep = Exclude<Step, { readonly kind: 'wait' }>;

/** Keeper keeps the certificates of a release current, together with those of the other replicas. See decide. */
export class Keeper {
  private readonly options: KeeperOptions;
  private readonly steadiness = new Steadiness();
  private readonly backoff: StepBackoff;
  private view: View | undefined;
  private remembered: Trust | undefined;
  private shown: ServingPair | undefined;
  private wasTrusted = false;
  private wasAnswered = false;
  private readAt = 0;
  private isNudged = false;
  private wake: () => void = () => undefined;

  constructor(options: KeeperOptions) {
    this.options = options;
    this.backoff = new StepBackoff(options.clock, () => this.within(MOST_PAUSE_MS));
  }

  /**
   * notReady names what keeps this replica from being called. Once trusted, it stays so: other replicas are no better
   * off.
   */
  notReady(): readonly string[] {
    if (this.shown === undefined) return ['serving certificate'];
    if (this.shown.expires <= this.options.clock.now()) return ['serving certificate that has not expired'];
    return [
      ...(this.wasTrusted ? [] : ['certificate authority in every webhook configuration']),
      ...(this.wasAnswered ? [] : ['path in every webhook configuration']),
    ];
  }

  /** nudge reports that the Secret or a configuration may have changed. */
  nudge(): void {
    this.isNudged = true;
    this.wake();
  }

  /** run continues until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, observer } = this.options;
    while (!signal.aborted) {
      try {
        const progress = this.isLookDue() ? await this.look(signal) : 'none';
        if (progress === 'none') await this.idle(signal);
        else await clock.sleep(this.backoff.afterStep(progress), signal);
      } catch (error) {
        if (signal.aborted) return;
        observer.failed(error);
        this.isNudged = true;
        await clock.sleep(this.backoff.afterFailure(), signal);
      }
    }
  }

  private isLookDue(): boolean {
    const { clock } = this.options;
    this.choose();
    if (this.isNudged || this.view === undefined || clock.elapsed() - this.readAt >= REREAD_MS) return true;
    return this.decide(this.view).kind !== 'wait';
  }

  /** Reads everything, in the order that `decide` asks for, and takes one step. */
  private async look(signal: AbortSignal): Promise<WriteOutcome | 'none'> {
    const { store, publications, observer, clock } = this.options;
    this.isNudged = false;
    const published = await publications.read(signal);
    const { stored, version } = await store.read(signal);
    if (stored.kind === 'trust' && !isSuperseded(stored.trust, this.remembered, clock.now())) {
      this.remembered = withPaths(stored.trust, this.remembered);
    }
    const { remembered } = this;
    this.readAt = clock.elapsed();
    const paths = stored.kind === 'trust' ? stored.trust.paths : undefined;
    const isRolledOut = showsPlainService(published) && (await publications.isRolledOut(signal));
    const holding = [
      ...trustedEverywhere(this.idsOfInterest(), published),
      ...pathFacts(paths, published, isRolledOut),
    ];
    this.steadiness.look(holding, this.readAt);
    this.view = {
      stored,
      remembered,
      published,
      steadyMs: (what) => this.steadiness.forMs(what, clock.elapsed()),
    };
    observer.found(stored);
    observer.foundPaths({ paths, published });
    this.wasAnswered ||= isAnswered(published);
    this.choose();
    const step = this.decide(this.view);
    const outcome = step.kind === 'wait' ? 'none' : await this.attempt(step, this.view, version, signal);
    this.backoff.succeeded();
    if (step.kind === 'wait') return 'none';
    this.isNudged = true;
    if (outcome === 'written') observer.took(step.kind);
    return outcome;
  }

  /** A failed step may fail forever: missing paths do not wait for it. */
  private async attempt(step: TakenStep, view: View, version: string, signal: AbortSignal): Promise<WriteOutcome> {
    const { settings, clock, observer } = this.options;
    try {
      return await this.take(step, view.stored, version, signal);
    } catch (error) {
      const where = step.kind === 'publish-paths' ? [] : pathsRegardless(view, settings(), clock.now());
      if (where.length > 0 && !signal.aborted) {
        const paths: TakenStep = { kind: 'publish-paths', where };
        const outcome = await this.take(paths, view.stored, version, signal).catch((also: unknown) =>
          observer.failed(also),
        );
        if (outcome === 'written') observer.took(paths.kind);
      }
      throw error;
    }
  }

  private async take(step: TakenStep, stored: Stored, version: string, signal: AbortSignal): Promise<WriteOutcome> {
    const { store, publications, issuer, settings, clock } = this.options;
    switch (step.kind) {
      case 'publish':
        return together(step.where.map((one) => publications.publish(one, step.bundle, signal)));
      case 'publish-paths':
        return together(step.where.map((one) => publications.publishPaths(one, signal)));
      default: {
        const trust = stored.kind === 'trust' ? stored.trust : undefined;
        const signing = { issuer, settings: settings(), now: clock.now() };
        return store.write(await takeStep(step, trust, signing), version, signal);
      }
    }
  }

  private decide(view: View): Step {
    return decide(view, this.options.settings(), this.options.clock.now());
  }

  /** Chooses the best certificate to present, as far as is known. */
  private choose(): void {
    const { view, remembered, shown } = this;
    if (view === undefined || remembered === undefined) return;
    const { settings, clock, observer } = this.options;
    const pair = pairToShow({ ...view, shown, stored: remembered.pair }, settings(), clock.now());
    this.shown = pair;
    if (pair.issuer !== shown?.issuer) this.wasTrusted = false;
    if (pair.cert !== shown?.cert) observer.shows(pair);
    this.wasTrusted ||= isTrusted(pair, view.published);
  }

  private idsOfInterest(): ReadonlySet<string> {
    const trusted = this.remembered === undefined ? [] : trustedBy(this.remembered).map(({ id }) => id);
    return new Set(this.shown === undefined ? trusted : [...trusted, this.shown.issuer]);
  }

  /** Certificates that last for seconds, in tests, need frequent checks. */
  private within(ms: number): number {
    return Math.min(ms, this.options.settings().certificateMs / 20);
  }

  /** Ends at the next tick, or shortly after a reported change, since changes come together. */
  private async idle(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const over = new LinkedAbort(signal);
    this.wake = () => over.abort(new Error('told of a change'));
    if (!this.isNudged) await clock.sleep(this.within(TICK_MS), over.signal);
    over.release();
    if (this.isNudged) await clock.sleep(GATHER_MS, signal);
  }
}

/** What an older version has overwritten is remembered. */
function withPaths(trust: Trust, before: Trust | undefined): Trust {
  const paths = trust.paths ?? before?.paths;
  return paths === undefined ? trust : { ...trust, paths };
}

/** One that cannot be written does not stop the others. */
async function together(writes: readonly Promise<WriteOutcome>[]): Promise<WriteOutcome> {
  const outcomes = await Promise.allSettled(writes);
  const failure = outcomes.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return outcomes.some((one) => one.status === 'fulfilled' && one.value === 'conflict') ? 'conflict' : 'written';
}
