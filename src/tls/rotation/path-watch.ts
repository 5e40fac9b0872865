import { signalAfter } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type AcceptedPaths, acceptedPaths, NOTHING_SIGHTED, type PathSightings, sighted } from './accepted-paths.ts';
import type { PathSecrets } from './path-secrets.ts';
import type { Published } from './published.ts';

/** PathsFound is what the Secret and the configurations said, at one look. */
export interface PathsFound {
  /** undefined where the Secret holds none, or there is no Secret. */
  readonly paths: PathSecrets | undefined;
  readonly published: readonly Published[];
}

/** PathWatchOptions are what a PathWatch works with. */
export interface PathWatchOptions {
  /** Asks the API server, as Publications and TrustStore do. */
  readonly read: (signal: AbortSignal) => Promise<PathsFound>;
  readonly clock: Clock;
  /** How long an API server may be behind, in milliseconds. */
  readonly settleMs: () => number;
}

/** A client that calls unknown paths makes us ask no more often. */
const READ_EVERY_MS = 1000;
const READ_TIMEOUT_MS = 2500;

/**
 * PathWatch knows at which paths the API server may call. What a watch has not shown yet is asked for before a call is
 * turned away: a rollback by Helm writes other paths and is obeyed at once.
 */
export class PathWatch {
  private readonly options: PathWatchOptions;
  private readonly stopping = new AbortController();
  private seen: PathSightings = NOTHING_SIGHTED;
  private paths: PathSecrets | undefined;
  private running: Promise<boolean> = Promise.resolve(true);
  private next: Promise<boolean> | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  /** Whether the API server could not be asked the last time. */
  private isCutOff = false;

  constructor(options: PathWatchOptions) {
    this.options = options;
  }

  /** heard takes in what somebody has read. */
  heard({ paths, published }: PathsFound): void {
    // What the Secret has lost is still called until its replacement is published.
    this.paths = paths ?? this.paths;
    const { clock, settleMs } = this.options;
    this.seen = sighted(this.seen, published, { elapsed: clock.elapsed(), settle: settleMs() });
  }

  /** secrets lists those that are accepted now. */
  secrets(): readonly string[] {
    return this.accepted().secrets;
  }

  /** plain says whether calls without a secret are known to be accepted now. */
  plain(): boolean {
    return this.accepted().plain;
  }

  /**
   * ask says whether a call with a secret that is not among `secrets` is accepted after all, or one without any. Where the
   * API server cannot be asked, a call of its own must not be lost: a path is no boundary.
   */
  async ask(secret: string | undefined): Promise<boolean> {
    const isKnown = this.readAgain();
    if (this.isCutOff || !(await isKnown)) return true;
    const { secrets, plain } = this.accepted();
    return secret === undefined ? plain : secrets.includes(secret);
  }

  /** stop ends what is being asked. */
  stop(): void {
    this.stopping.abort(new Error('stopped'));
  }

  /** The read that is under way may have begun before the call: the caller waits for the one after it. */
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
      // The keeper, which reads the same, tells of it.
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
