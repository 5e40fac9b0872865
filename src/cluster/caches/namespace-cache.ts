import { asObject, field } from '../../objects/fields.ts';
import { knownLabels } from '../../policy/model/known-labels.ts';
import type { NamespaceFacts } from '../../policy/model/snapshot.ts';
import { ChangeNotices } from '../../runtime/change-notices.ts';
import { type KubeObject, labelsOf, type ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';

/** NamespaceCache keeps what verdicts need of every namespace. */
export class NamespaceCache implements ObjectHandler {
  /** By name, of what is kept. */
  readonly changes = new ChangeNotices();
  private readonly byName = new Map<string, NamespaceFacts>();
  private counted = 0;

  /** A number that differs whenever a namespace was added, removed or changed. */
  get version(): number {
    return this.counted;
  }

  values(): Iterable<NamespaceFacts> {
    return this.byName.values();
  }

  get(name: string): NamespaceFacts | undefined {
    return this.byName.get(name);
  }

  /** If nothing that is kept differs, the object stays the same. */
  onAdd(object: KubeObject): void {
    const facts = namespaceFacts(object);
    const known = this.byName.get(object.name);
    if (known !== undefined && sameFacts(known, facts)) return;
    this.byName.set(object.name, facts);
    this.changed(object.name);
  }

  onUpdate(object: KubeObject): void {
    this.onAdd(object);
  }

  onDelete({ name }: ObjectKey): void {
    if (this.byName.delete(name)) this.changed(name);
  }

  private changed(name: string): void {
    this.counted += 1;
    this.changes.tell(name);
  }
}

/** namespaceFacts reads a Namespace; it is terminating from the moment that its deletion was asked for. */
export function namespaceFacts(object: KubeObject): NamespaceFacts {
  const metadata = asObject(field(object.json, 'metadata'), 'metadata');
  const status = asObject(field(object.json, 'status'), 'status');
  const createdAt = Date.parse(String(field(metadata, 'creationTimestamp')));
  const uid = field(metadata, 'uid');
  return {
    name: object.name,
    ...knownLabels(labelsOf(object)),
    terminating: field(metadata, 'deletionTimestamp') !== undefined || field(status, 'phase') === 'Terminating',
    createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
    uid: typeof uid === 'string' ? uid : undefined,
  };
}

function sameFacts(a: NamespaceFacts, b: NamespaceFacts): boolean {
  if (a.uid !== b.uid || a.terminating !== b.terminating || a.labels.size !== b.labels.size) return false;
  for (const [key, value] of a.labels) if (b.labels.get(key) !== value) return false;
  return true;
}
