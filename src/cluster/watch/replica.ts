import { asObject, asString, field, type Json } from '../../objects/fields.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError, MalformedAnswer } from '../api/api-error.ts';
import type { WatchEvent } from '../api/watch-event.ts';
import { type KubeObject, keyOf, keyText, type ObjectKey, readObject } from './kube-object.ts';
import type { ObjectHandler } from './object-handler.ts';

/**
 * Replica knows which objects of a collection exist and in which version, and hands the differences to a handler. It
 * does not keep the objects.
 */
export class Replica {
  /** Where a watch goes on. */
  resourceVersion = '';
  private readonly versions = new Map<string, string>();
  private readonly handler: ObjectHandler;
  private readonly logger: Logger;
  private readonly resource: string;

  constructor(handler: ObjectHandler, logger: Logger, resource: string) {
    this.handler = handler;
    this.logger = logger;
    this.resource = resource;
  }

  versionOf(key: ObjectKey): string | undefined {
    return this.versions.get(keyText(key));
  }

  /** put takes an item of a list; anything but an object is logged and skipped. */
  put(item: unknown): KubeObject | undefined {
    try {
      const object = readObject(item);
      this.store(object);
      return object;
    } catch (error) {
      this.logger.error({ resource: this.resource, err: error }, 'skipped list item that is not an object');
      return undefined;
    }
  }

  /** keepOnly deletes what a whole list did not show. */
  keepOnly(seen: ReadonlySet<string>): void {
    for (const key of [...this.versions.keys()]) if (!seen.has(key)) this.remove(keyOf(key));
  }

  /** apply takes an event of a watch; it throws ApiError for an ERROR, MalformedAnswer for anything but an object. */
  apply({ type, object }: WatchEvent): void {
    switch (type) {
      case 'ERROR':
        throw statusError(this.resource, object);
      case 'BOOKMARK':
        this.resourceVersion = versionOf(object);
        return;
      case 'DELETED': {
        const gone = readObject(object);
        this.remove(gone);
        this.resourceVersion = gone.resourceVersion;
        return;
      }
      case 'ADDED':
      case 'MODIFIED': {
        const current = readObject(object);
        this.store(current);
        this.resourceVersion = current.resourceVersion;
        return;
      }
    }
  }

  private store(object: KubeObject): void {
    const key = keyText(object);
    const known = this.versions.get(key);
    if (known === object.resourceVersion) return;
    this.versions.set(key, object.resourceVersion);
    this.hand(key, () => (known === undefined ? this.handler.onAdd(object) : this.handler.onUpdate(object)));
  }

  private remove(object: ObjectKey): void {
    const key = keyText(object);
    if (this.versions.delete(key)) this.hand(key, () => this.handler.onDelete(keyOf(key)));
  }

  private hand(key: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.logger.error({ resource: this.resource, object: key, err: error }, 'watch event handler failed');
    }
  }
}

function statusError(resource: string, status: Json): ApiError {
  const code = field(status, 'code');
  return new ApiError(`watch ${resource}`, typeof code === 'number' ? code : 500, status);
}

function versionOf(object: Json): string {
  try {
    return asString(field(asObject(field(object, 'metadata'), 'metadata'), 'resourceVersion'), 'resourceVersion');
  } catch (cause) {
    throw new MalformedAnswer('bookmark: has no resourceVersion', { cause });
  }
}
