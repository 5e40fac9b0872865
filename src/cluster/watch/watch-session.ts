import type { Clock } from '../../runtime/clock.ts';
import { LinkedAbort } from '../../runtime/linked-abort.ts';
import { ApiError, MalformedAnswer } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import type { Resource } from '../api/resource.ts';
import type { RequestOptions } from '../api/transport.ts';
import type { WatchEvent } from '../api/watch-event.ts';

/** WatchEnd is why a watch ended: `timeout` is the ordinary end, after the time that was asked for. */
export type WatchEnd = 'timeout' | 'short' | 'stalled' | 'expired' | 'refused' | 'malformed' | 'broken' | 'stopped';

/** WatchSessionOptions are what one watch follows, and from where. */
export interface WatchSessionOptions {
  readonly client: Client;
  readonly resource: Resource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly query: NonNullable<RequestOptions['query']>;
  readonly accept?: string | undefined;
}

/** client-go asks for 5 to 10 minutes at random, so that watches do not all end together (tools/cache/reflector.go). */
const LEAST_SECONDS = 300;
/** A watch without event or bookmark for this long is given up; the API server sends one bookmark a minute. */
const STALL_MS = 180_000;
/** A watch that ends sooner is a fault, and must not be repeated at once. */
const SHORT_MS = 1000;
/** A watch that lived so long has recovered from what was before. */
const HEALTHY_MS = 10_000;

/** WatchSession is one WATCH, from the request to its end. */
export class WatchSession {
  /** Known once `run` has ended. */
  end: WatchEnd = 'stopped';
  private readonly options: WatchSessionOptions;
  private readonly startedAt: number;
  private seenAt: number;

  constructor(options: WatchSessionOptions) {
    this.options = options;
    this.startedAt = options.clock.elapsed();
    this.seenAt = this.startedAt;
  }

  get isHealthy(): boolean {
    return this.options.clock.elapsed() - this.startedAt >= HEALTHY_MS;
  }

  /**
   * run hands over every event until the server ends the watch in good order; it throws for every other end, also what
   * `onEvent` throws.
   */
  async run(onEvent: (event: WatchEvent) => void): Promise<void> {
    const { client, resource, clock, signal, query, accept } = this.options;
    const session = new LinkedAbort(signal);
    const over = new AbortController();
    const guard = this.endStalled(session, over.signal);
    try {
      const events = await client.watch(resource, {
        signal: session.signal,
        query: { ...query, allowWatchBookmarks: true, timeoutSeconds: LEAST_SECONDS + this.jitter() },
        accept,
      });
      for await (const event of events) {
        this.seenAt = clock.elapsed();
        onEvent(event);
      }
      if (clock.elapsed() - this.startedAt < SHORT_MS) throw new ShortWatch('watch ended within a second');
      this.end = 'timeout';
    } catch (error) {
      this.end = signal.aborted ? 'stopped' : endOf(error);
      throw error;
    } finally {
      over.abort();
      session.release();
      await guard;
    }
  }

  private jitter(): number {
    return Math.floor(this.options.clock.random() * LEAST_SECONDS);
  }

  /** A connection can be dead without any notice: then no bookmark comes either. */
  private async endStalled(session: LinkedAbort, over: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!over.aborted) {
      const left = this.seenAt + STALL_MS - clock.elapsed();
      if (left <= 0) return session.abort(new Stalled(`no event and no bookmark for ${STALL_MS} ms`));
      await clock.sleep(left, over);
    }
  }
}

class ShortWatch extends Error {
  override readonly name = 'ShortWatch';
}

class Stalled extends Error {
  override readonly name = 'Stalled';
}

function endOf(error: unknown): WatchEnd {
  if (error instanceof ApiError) return error.isExpired ? 'expired' : 'refused';
  if (error instanceof MalformedAnswer) return 'malformed';
  if (error instanceof Stalled) return 'stalled';
  if (error instanceof ShortWatch) return 'short';
  return 'broken';
}
