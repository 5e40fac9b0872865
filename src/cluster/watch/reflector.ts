import { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError, MalformedAnswer } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { listPages, METADATA_LIST } from '../api/list-pages.ts';
import { groupResource, type Resource } from '../api/resource.ts';
import { keyText, type ObjectKey } from './kube-object.ts';
import type { ObjectHandler } from './object-handler.ts';
import { Replica } from './replica.ts';
import { type WatchEnd, WatchSession } from './watch-session.ts';

/** ReflectorOptions are what a reflector follows, and its handler. */
export interface ReflectorOptions {
  readonly client: Client;
  readonly resource: Resource;
  readonly handler: ObjectHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Such as `k8s-app=kube-dns`; empty for all. */
  readonly labelSelector?: string | undefined;
  /** Ask only for metadata. */
  readonly metadataOnly?: boolean | undefined;
  /**
   * `quorum`: lists are read from etcd, in pages, and nothing is older than the question. `cache`: from the API
   * server's cache, which may lag (resourceVersion "0", after that no older than what was seen): cheap if a selector
   * leaves little. Default `quorum`.
   */
  readonly listFrom?: 'quorum' | 'cache' | undefined;
  /** Told why each watch ended, for counting. */
  readonly onWatchEnd?: ((resource: string, reason: WatchEnd) => void) | undefined;
}

/** Objects handed over before others get a turn: compiling a whole cluster's policies takes seconds. */
const BREATH = 250;
/** What kube-apiserver gives a request by default (`--request-timeout`). */
const LIST_TIMEOUT_MS = 60_000;
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Reflector keeps its handler in step with a collection of the API: a LIST, then a WATCH that continues where the list
 * ended, forever, like client-go's reflector. Failures are tried again with growing pauses; what cannot be resumed (410
 * in any form, an answer that makes no sense) begins with a list again. It holds names and versions, not objects.
 */
export class Reflector {
  private readonly options: ReflectorOptions;
  private readonly replica: Replica;
  private readonly backoff: Backoff;
  private readonly abort = new AbortController();
  /** Ends once the first try to list has ended, well or not. */
  readonly settled: Promise<void>;
  private readonly running: Promise<void>;
  private settle: () => void = () => undefined;
  private synced = false;
  private forbidden = false;
  private mustList = true;
  private tooOld = false;
  private seenAt: number;

  /** Starts at once. */
  constructor(options: ReflectorOptions) {
    this.options = options;
    this.replica = new Replica(options.handler, options.logger, groupResource(options.resource));
    this.backoff = new Backoff(() => options.clock.random());
    this.seenAt = options.clock.elapsed();
    this.settled = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.running = this.run().finally(this.settle);
  }

  /** Holds once a whole list has been handed over. */
  get hasSynced(): boolean {
    return this.synced;
  }

  /** Holds while the API server refuses the collection for lack of rights. */
  get isForbidden(): boolean {
    return this.forbidden;
  }

  /** ageSeconds is how long ago the API server last gave a sign of life: a list, an event or a bookmark. */
  ageSeconds(): number {
    return (this.options.clock.elapsed() - this.seenAt) / 1000;
  }

  /** versionOf returns the resourceVersion of the object as last handed over. */
  versionOf(key: ObjectKey): string | undefined {
    return this.replica.versionOf(key);
  }

  /** hasSeen holds once the handler has been told everything that the API server had stored at that resourceVersion. */
  hasSeen(resourceVersion: string): boolean {
    return this.synced && isAtLeast(this.replica.resourceVersion, resourceVersion);
  }

  /** stop ends the watch; nothing is handed over any more once it has ended. */
  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        if (this.mustList) await this.list();
        await this.watch();
      } catch (error) {
        if (signal.aborted) return;
        this.learnFrom(error);
        const retryAfter = error instanceof ApiError ? error.retryAfterSeconds : undefined;
        await this.options.clock.sleep(this.backoff.next(retryAfter), signal);
      }
    }
  }

  private async list(): Promise<void> {
    const { client, resource, metadataOnly, clock } = this.options;
    const seen = new Set<string>();
    let version = '';
    const pages = listPages(client, resource, {
      signal: this.abort.signal,
      timeoutMs: LIST_TIMEOUT_MS,
      query: { ...this.selection(), ...this.listVersion() },
      accept: metadataOnly === true ? METADATA_LIST : undefined,
    });
    for await (const page of pages) {
      this.seenAt = clock.elapsed();
      if (page.isFirst) seen.clear();
      version = page.resourceVersion;
      for (const [i, item] of page.items.entries()) {
        if (i % BREATH === BREATH - 1) await clock.sleep(0, this.abort.signal);
        const object = this.replica.put(item);
        if (object !== undefined) seen.add(keyText(object));
      }
    }
    this.replica.keepOnly(seen);
    this.replica.resourceVersion = version;
    this.mustList = false;
    this.tooOld = false;
    this.forbidden = false;
    this.synced = true;
    this.settle();
  }

  private async watch(): Promise<void> {
    const { client, resource, metadataOnly, clock } = this.options;
    const session = new WatchSession({
      client,
      resource,
      clock,
      signal: this.abort.signal,
      query: { ...this.selection(), resourceVersion: this.replica.resourceVersion },
      accept: metadataOnly === true ? METADATA : undefined,
    });
    try {
      await session.run((event) => {
        this.seenAt = clock.elapsed();
        this.replica.apply(event);
        if (session.isHealthy) this.backoff.reset();
      });
    } finally {
      this.options.onWatchEnd?.(groupResource(resource), session.end);
    }
  }

  /** Decides whether to begin with a list again: if continuing from the same version would meet the same fault. */
  private learnFrom(error: unknown): void {
    const refusal = error instanceof ApiError ? error : undefined;
    const wasForbidden = this.forbidden;
    this.forbidden = refusal?.isForbidden === true;
    this.settle();
    if ((refusal !== undefined && !isBusy(refusal)) || error instanceof MalformedAnswer) this.mustList = true;
    if (refusal?.isExpired === true) this.tooOld = true;
    this.tell(error, wasForbidden);
  }

  private tell(error: unknown, wasForbidden: boolean): void {
    const { logger, resource } = this.options;
    const fields = { resource: groupResource(resource), namespace: resource.namespace, err: error };
    if (error instanceof ApiError && error.isExpired) {
      logger.info(fields, 'resource version is too old, listing again');
    } else if (this.forbidden && !wasForbidden) {
      logger.warn(fields, 'not permitted to list or watch; retrying without further log lines');
    } else if (!this.forbidden) {
      logger.warn(fields, 'list or watch failed, retrying');
    }
  }

  private listVersion(): { readonly resourceVersion?: string } {
    if (this.options.listFrom !== 'cache' || this.tooOld) return {};
    return { resourceVersion: this.synced ? this.replica.resourceVersion : '0' };
  }

  private selection(): Readonly<Record<string, string>> {
    const { labelSelector = '' } = this.options;
    return labelSelector === '' ? {} : { labelSelector };
  }
}

/** The version is not at fault: an overloaded API server may accept it later. */
function isBusy({ code, isExpired }: ApiError): boolean {
  return code === 429 || (code >= 500 && !isExpired);
}

/** Versions are decimal numbers that grow with every write (KEP-5504); others cannot be compared. */
function isAtLeast(version: string, other: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(other)) return true;
  return BigInt(version) >= BigInt(other);
}
