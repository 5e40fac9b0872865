import type { KubeObject, ObjectKey } from './kube-object.ts';

/** ObjectHandler is told what the reflector sees; what it throws is logged, and never stops the reflector. */
export interface ObjectHandler {
  onAdd(object: KubeObject): void;
  onUpdate(object: KubeObject): void;
  /** Also for objects that vanished while there was no watch. */
  onDelete(key: ObjectKey): void;
}
