import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { EVENTS } from '../api/resource.ts';
import { isNamespaceTerminating } from './apply.ts';
import { type EventSource, eventNews, eventObject, type NamespaceEvent } from './event-object.ts';

/** EventRecorderOptions are the reporter and the client. */
export interface EventRecorderOptions extends EventSource {
  readonly client: Pick<Client, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly logger?: Pick<Logger, 'warn'> | undefined;
}

/**
 * Series remembered at a time; beyond it the oldest are forgotten, and new ones are not recorded while all are waiting.
 */
const MOST_SERIES = 1000;
/** Between two writes of one series, so that what happens all the time is recorded once a minute. */
const REPEAT_MS = 60_000;
/** Between any two writes. */
const PAUSE_MS = 50;
/** As client-go's broadcaster, but not for two minutes (tools/record/event.go: 12 tries, 10 s apart). */
const RETRY_MS = 10_000;
const MOST_TRIES = 5;
const TIMEOUT_MS = 5000;

/** Everything that happened in one namespace for one reason: one Event object, with a count. */
interface Series {
  event: NamespaceEvent;
  /** Of the object. */
  name: string;
  count: number;
  written: number;
  readonly firstAt: number;
  lastAt: number;
  /** When it may be written next, by Clock.elapsed. */
  dueAt: number;
  failures: number;
  isFollowed: boolean;
}

/**
 * EventRecorder writes core/v1 Events about namespaces, into these namespaces: one object for each reason, whose count
 * goes up. They are best effort: an Event that cannot be written in a few tries is dropped, and nothing waits for it.
 */
export class EventRecorder {
  private readonly options: EventRecorderOptions;
  private readonly series = new Map<string, Series>();
  private readonly abort = new AbortController();
  private turn: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.options = options;
  }

  /** record never throws, and never waits. */
  record(event: NamespaceEvent): void {
    if (this.abort.signal.aborted) return;
    const key = JSON.stringify([event.namespace, event.uid, event.type, event.reason]);
    const series = this.series.get(key) ?? this.begin(key, event);
    if (series === undefined) return;
    series.event = event;
    series.count += 1;
    series.lastAt = this.options.clock.now();
    if (!series.isFollowed) void this.follow(key, series);
  }

  /** stop drops what is not written yet. */
  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    await this.turn;
  }

  private begin(key: string, event: NamespaceEvent): Series | undefined {
    if (!this.hasRoom()) return undefined;
    const now = this.options.clock.now();
    const none = { count: 0, written: 0, dueAt: 0, failures: 0, isFollowed: false };
    const series = { event, name: this.nameOf(event), firstAt: now, lastAt: now, ...none };
    this.series.set(key, series);
    return series;
  }

  /** Forgets the oldest fully written series if there are too many. */
  private hasRoom(): boolean {
    if (this.series.size < MOST_SERIES) return true;
    for (const [key, { isFollowed }] of this.series) if (!isFollowed) return this.series.delete(key);
    return false;
  }

  /** Follows a series until all of it is written, or it is given up. */
  private async follow(key: string, series: Series): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.abort;
    series.isFollowed = true;
    while (series.count > series.written && series.failures < MOST_TRIES && !signal.aborted) {
      await clock.sleep(series.dueAt - clock.elapsed(), signal);
      this.turn = this.turn.then(() => clock.sleep(PAUSE_MS, signal)).then(() => this.tryToWrite(series));
      await this.turn;
    }
    series.isFollowed = false;
    if (series.count > series.written) this.series.delete(key);
  }

  private async tryToWrite(series: Series): Promise<void> {
    const { clock, logger } = this.options;
    const { signal } = this.abort;
    if (signal.aborted) return;
    try {
      await this.write(series);
      series.failures = 0;
      series.dueAt = clock.elapsed() + REPEAT_MS;
    } catch (error) {
      series.failures = isHopeful(error) ? series.failures + 1 : MOST_TRIES;
      series.dueAt = clock.elapsed() + RETRY_MS;
      if (series.failures < MOST_TRIES || isNamespaceTerminating(error) || signal.aborted) return;
      const { namespace, reason } = series.event;
      logger?.warn({ namespace, reason, err: error }, 'cannot write an event, skipping it');
    }
  }

  private async write(series: Series): Promise<void> {
    const { count, event, lastAt } = series;
    if (series.written === 0 || !(await this.hasPatched(series))) {
      const object = {
        ...eventObject(event, series.name, this.options, series.firstAt),
        ...eventNews(event, count, lastAt),
      };
      await this.options.client.create(this.resourceOf(event), object, this.bounds()).catch(unlessThere);
    }
    series.written = count;
  }

  /**
   * False if there is no such Event any more: the API server forgets them after an hour. The next one has a new name.
   */
  private async hasPatched(series: Series): Promise<boolean> {
    const { event, count, lastAt } = series;
    const news = { type: 'application/merge-patch+json', body: eventNews(event, count, lastAt) } as const;
    try {
      await this.options.client.patch(this.resourceOf(event), series.name, news, this.bounds());
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error;
      series.name = this.nameOf(event);
      return false;
    }
  }

  private resourceOf({ namespace }: NamespaceEvent) {
    return { ...EVENTS, namespace };
  }

  private bounds() {
    return { signal: this.abort.signal, timeoutMs: TIMEOUT_MS };
  }

  private nameOf({ namespace }: NamespaceEvent): string {
    const { clock } = this.options;
    return `${namespace}.${Math.floor(clock.now()).toString(16)}${Math.floor(clock.random() * 2 ** 32).toString(16)}`;
  }
}

/** A permanent refusal is not retried. */
function isHopeful(error: unknown): boolean {
  return !(error instanceof ApiError) || error.code === 429 || error.code >= 500;
}

/** Written before, with an answer that was lost. */
function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError && error.isConflict)) throw error;
}
