import { InvalidObject } from '../../objects/invalid-object.ts';
import type { FactKind } from '../../policy/model/dialect.ts';
import type { Logger } from '../../runtime/logger.ts';
import { groupResource, type Resource } from '../api/resource.ts';
import { type KubeObject, keyText, type ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';

/** FactCache keeps what was read of every object of one kind. */
export class FactCache implements ObjectHandler {
  readonly kind: FactKind;
  private readonly resource: Resource;
  private readonly logger: Logger;
  private readonly known = new Map<string, object>();
  private readonly unread = new Set<string>();

  constructor(kind: FactKind, resource: Resource, logger: Logger) {
    this.kind = kind;
    this.resource = resource;
    this.logger = logger;
  }

  /** isWhole holds while every object could be read. */
  get isWhole(): boolean {
    return this.unread.size === 0;
  }

  all(): Iterable<object> {
    return this.known.values();
  }

  onAdd(object: KubeObject): void {
    const key = keyText(object);
    const { group, version } = this.resource;
    try {
      this.known.set(key, this.kind.read({ ...object.json, apiVersion: `${group}/${version}`, kind: this.kind.kind }));
      this.unread.delete(key);
    } catch (err) {
      if (!(err instanceof InvalidObject)) throw err;
      this.known.delete(key);
      this.unread.add(key);
      this.logger.error({ resource: groupResource(this.resource), name: key, err }, 'cannot read object');
    }
  }

  onUpdate(object: KubeObject): void {
    this.onAdd(object);
  }

  onDelete(key: ObjectKey): void {
    this.known.delete(keyText(key));
    this.unread.delete(keyText(key));
  }
}
