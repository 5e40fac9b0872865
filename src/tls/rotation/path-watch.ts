import { signalAfter } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type AcceptedPaths, acceptedPaths, NOTHING_SIGHTED, type PathSightings, sighted } from './accepted-paths.ts';
import type { PathSecrets } from './path-secrets.ts';
import type { Published } from './published.ts';

/** PathsFound is the paths of the Secret and of the configurations, read at one time. */
export interface PathsFound {
  /** undefined if the Secret has none, or there is no Secret. */
  readonly paths: PathSecrets | undefined;
  readonly published: readonly Published[];
}

/** PathWatchOptions are the inputs of a PathWatch. */
export interface PathWatchOptions {
  /** Asks the API server, as Publications and TrustStore do. */
  readonly read: (signal: AbortSignal) => Promise<PathsFound>;
  readonly clock: Clock;
  /** How long an API server may lag, in milliseconds. */
  readonly settleMs: () => number;
}

/** A client that calls unknown paths does not cause more frequent reads. */
const READ_EVERY_MS = 1000;
const READ_TIMEOUT_MS = 2500;

/**
 * PathWatch knows at which paths the API server may call. It reads what a watch has not shown yet before it rejects a
 * call: a rollback by Helm writes other paths, which are used at once.
 */
export class PathWatch {
  private readonly options: PathWatchOptions;
  private readonly stopping = new AbortController();
  private seen: PathSightings = NOTHING_SIGHTED;
  private paths: PathSecrets | undefined;
  private running: Promise<boolean> = Promise.resolve(true);
  private next: Promise<boolean> | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  /** Whether the API server could not be reached the last time. */
  private isCutOff = false;

  constructor(options: PathWatchOptions) {
    this.options = options;
  }

  /** heard records what another reader has read. */
  heard({ paths, published }: PathsFound): void {
    // The API server still calls with lost secrets until their replacement is published.
    this.paths = paths ?? this.paths;
    const { clock, settleMs } = this.options;
    this.seen = sighted(this.seen, published, { elapsed: clock.elapsed(), settle: settleMs() });
  }

  /** secrets lists the secrets that are accepted now. */
  secrets(): readonly string[] {
    return this.accepted().secrets;
  }

  /** plain tells whether calls without a secret are known to be accepted now. */
  plain(): boolean {
    return this.accepted().plain;
  }

  /**
   * ask tells whether a call with a secret that is not among `secrets`, or without one, is accepted after all. If the
   * API server cannot be reached, its own call must not be lost: a path is not a security boundary.
   */
  async ask(secret: string | undefined): Promise<boolean> {
    const isKnown = this.readAgain();
    if (this.isCutOff || !(await isKnown)) return true;
    const { secrets, plain } = this.accepted();
    return secret === undefined ? plain : secrets.includes(secret);
  }

  /** stop ends running reads. */
  stop(): void {
    this.stopping.abort(new Error('stopped'));
  }

  /** The running read may have begun before the call: the caller waits for the next one. */
  private readAgain(): Promise<boolean> {
    this.next ??= this.running.then(() => this.readInTurn());
    return this.next;
  }

  private async readInTurn(): Promise<boolean> {
    const { clock } = this.options;
    await clock.sleep(Math.max(0, this.readAt + READ_EVERY_MS - clock.elapsed()), this.stopping.signal);
    this.readAt = clock.elapsed();
    this.running = this.read();
    this.next = undefined;
    return this.running;
  }

  private async read(): Promise<boolean> {
    try {
      const over = AbortSignal.any([this.stopping.signal, signalAfter(READ_TIMEOUT_MS)]);
      this.heard(await this.options.read(over));
      this.isCutOff = false;
    } catch {
      // The keeper, which reads the same, reports it.
      this.isCutOff = true;
    }
    return !this.isCutOff;
  }

  private accepted(): AcceptedPaths {
    const { clock, settleMs } = this.options;
    const moment = { now: clock.now(), elapsed: clock.elapsed(), settle: settleMs() };
    return acceptedPaths(this.paths, this.seen, moment);
  }
}
