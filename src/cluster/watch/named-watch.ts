import type { Json } from '../../objects/fields.ts';
import { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { groupResource, type Resource } from '../api/resource.ts';
import { WatchSession } from './watch-session.ts';

/** NamedWatchOptions are the watched object and its handler. */
export interface NamedWatchOptions {
  readonly client: Client;
  readonly resource: Resource;
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'debug'>;
  /**
   * Called when something may have changed, rather too often than too rarely, with the object as it is or, after a
   * deletion, as it was.
   */
  readonly onChange: (object: Json) => void;
}

/**
 * watchNamed tells of changes of one object, whether it exists or not, until the signal fires. It needs the right to watch
 * that one name and not to list: a watch without a version begins with the object as it is.
 */
export async function watchNamed(options: NamedWatchOptions, signal: AbortSignal): Promise<void> {
  const { client, resource, name, clock, logger, onChange } = options;
  const backoff = new Backoff(() => clock.random());
  while (!signal.aborted) {
    const query = { fieldSelector: `metadata.name=${name}` };
    const session = new WatchSession({ client, resource, clock, signal, query });
    try {
      await session.run(({ type, object }) => {
        if (type === 'BOOKMARK') return;
        if (type === 'ERROR') throw new ApiError(`watch ${groupResource(resource)}`, 410, object);
        backoff.reset();
        onChange(object);
      });
    } catch (error) {
      if (signal.aborted) return;
      const expired = error instanceof ApiError && error.isExpired;
      const fields = { resource: groupResource(resource), name, err: error };
      if (expired) logger.debug(fields, 'watch expired, watching again');
      else logger.warn(fields, 'watch failed, retrying');
      await clock.sleep(backoff.next(), signal);
    }
  }
}
