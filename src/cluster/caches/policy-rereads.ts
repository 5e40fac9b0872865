import { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { readObject } from '../watch/kube-object.ts';
import type { PolicyCache } from './policy-cache.ts';
import { nameIn, type WatchedPolicies } from './policy-collection.ts';

/** RereadOptions are the inputs of PolicyRereads. */
export interface RereadOptions {
  readonly client: Client;
  readonly cache: PolicyCache;
  /** Everything that the cache is told. */
  readonly collections: () => readonly WatchedPolicies[];
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Missing {
  readonly namespace: string;
  readonly key: string;
}

/** A round of reads begins so long after the last one, in milliseconds, however often a namespace changes. */
const PAUSE_MS = 1000;

/**
 * PolicyRereads reads policies again that did not fit into the cache when a watch delivered them, and fit now; no watch
 * delivers them twice. One at a time: a user who makes room and takes it away again costs one read for each write.
 */
export class PolicyRereads {
  private readonly options: RereadOptions;
  private readonly abort = new AbortController();
  private readonly backoff: Backoff;
  private readonly stopListening: () => void;
  private isRunning = false;
  private running: Promise<void> = Promise.resolve();

  constructor(options: RereadOptions) {
    this.options = options;
    this.backoff = new Backoff(() => options.clock.random());
    this.stopListening = options.cache.gaps.listen(() => this.begin());
  }

  async stop(): Promise<void> {
    this.stopListening();
    this.abort.abort(new Error('stopped'));
    await this.running;
  }

  private begin(): void {
    if (this.isRunning || this.abort.signal.aborted) return;
    this.isRunning = true;
    this.running = this.run();
  }

  private async run(): Promise<void> {
    const { cache, clock } = this.options;
    const { signal } = this.abort;
    for (let keys = [...cache.missing()]; keys.length > 0 && !signal.aborted; keys = [...cache.missing()]) {
      const isWell = await this.readAll(keys);
      if (isWell) this.backoff.reset();
      await clock.sleep(isWell ? PAUSE_MS : this.backoff.next(), signal);
    }
    this.isRunning = false;
  }

  private async readAll(missing: readonly Missing[]): Promise<boolean> {
    const { logger } = this.options;
    for (const one of missing) {
      try {
        await this.read(one);
      } catch (error) {
        if (this.abort.signal.aborted) return false;
        logger.warn({ ...one, err: error }, 'cannot read a policy again, retrying');
        return false;
      }
    }
    return true;
  }

  /** A read only counts if it matches what the watch showed last: the watch is about to deliver anything else. */
  private async read({ namespace, key }: Missing): Promise<void> {
    const { client, cache, collections } = this.options;
    const { signal } = this.abort;
    const collection = collections().find((one) => nameIn(one, key) !== undefined);
    const name = collection && nameIn(collection, key);
    if (name === undefined || collection?.reflector.versionOf({ namespace, name }) === undefined) return;
    try {
      const object = readObject(await client.get({ ...collection.resource, namespace }, name, { signal }));
      const isShown = object.resourceVersion === collection.reflector.versionOf({ namespace, name });
      if (isShown) cache.onUpdate(object, collection);
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error;
    }
  }
}
