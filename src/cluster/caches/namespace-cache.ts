import { asObject, field } from '../../objects/fields.ts';
import { NAMESPACE_NAME } from '../../policy/dns/presets.ts';
import { BASELINE_LABEL, STATUS_LABEL } from '../../policy/model/labels.ts';
import type { NamespaceFacts } from '../../policy/model/snapshot.ts';
import { MODE_LABELS } from '../../policy/situation/modes.ts';
import { ChangeNotices } from '../../runtime/change-notices.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { type KubeObject, labelsOf, type ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';

/** NamespaceCache keeps of every namespace what verdicts need. */
export class NamespaceCache implements ObjectHandler {
  /** By name, of what is kept. */
  readonly changes = new ChangeNotices();
  private readonly byName = new Map<string, NamespaceFacts>();
  private counted = 0;

  /** A number that is another one whenever a namespace came, went or changed. */
  get version(): number {
    return this.counted;
  }

  values(): Iterable<NamespaceFacts> {
    return this.byName.values();
  }

  get(name: string): NamespaceFacts | undefined {
    return this.byName.get(name);
  }

  /** What differs in nothing that is kept stays the same object. */
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
    ...boundedLabels(labelsOf(object)),
    terminating: field(metadata, 'deletionTimestamp') !== undefined || field(status, 'phase') === 'Terminating',
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    ...(typeof uid === 'string' && { uid }),
  };
}

/** Real namespaces have a few dozen labels; an object of 1.5 MB has room for fifty thousand. */
const MOST_LABELS = 1000;

/** By name, since anybody may give a namespace a thousand others that begin alike. */
const ALWAYS_KEPT: readonly string[] = [NAMESPACE_NAME, ...Object.values(MODE_LABELS), BASELINE_LABEL, STATUS_LABEL];

/** Of too many labels those are kept that decide what is enforced; of the others nothing is known then. */
function boundedLabels(labels: Labels): Pick<NamespaceFacts, 'labels' | 'labelsKnown'> {
  if (labels.size <= MOST_LABELS) return { labels, labelsKnown: true };
  const kept = ALWAYS_KEPT.flatMap((key) => {
    const value = labels.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return { labels: new Map(kept), labelsKnown: false };
}

function sameFacts(a: NamespaceFacts, b: NamespaceFacts): boolean {
  if (a.uid !== b.uid || a.terminating !== b.terminating || a.labels.size !== b.labels.size) return false;
  for (const [key, value] of a.labels) if (b.labels.get(key) !== value) return false;
  return true;
}
