import { parsePath } from '../../objects/field-path.ts';
import type { Dialects } from '../../policy/dialects/dialects.ts';
import type { RepeatedKey } from './located.ts';
import type { Opened } from './open-lists.ts';
import { isJudged, isJudgedKind } from './policy-kinds.ts';

/**
 * misleadingKey returns a key that is given twice in an object that the linter reads, in one of its ancestors, or in
 * its identity. Elsewhere kubectl silently keeps the last one, and charts often render such labels.
 */
export function misleadingKey(
  repeated: readonly RepeatedKey[],
  objects: readonly Opened[],
  dialects?: Dialects,
): RepeatedKey | undefined {
  if (repeated.length === 0) return undefined;
  const places = new Places(objects, dialects);
  return repeated.find((key) => places.areMisledBy(key));
}

/** Places are the objects of a document by their paths, so that a search stays fast for many of both. */
class Places {
  private readonly objects = new Map<string, Opened>();
  private readonly judged = new Set<string>();
  /** The keys on the paths to judged objects. */
  private readonly ways = new Map<string, Set<string>>();
  private deepest = 0;
  private readonly dialects: Dialects | undefined;

  constructor(objects: readonly Opened[], dialects: Dialects | undefined) {
    this.dialects = dialects;
    for (const object of objects) this.add(object, parsePath(object.path).map(String));
  }

  areMisledBy(repeated: RepeatedKey): boolean {
    const { key, within } = repeated;
    for (let length = 0; length <= Math.min(within.length, this.deepest); length += 1) {
      if (this.judged.has(placeOf(within.slice(0, length)))) return true;
    }
    if (within.length > this.deepest) return false;
    const place = placeOf(within);
    const ways = this.ways.get(place);
    if (ways !== undefined && (ways.has(key) || key === 'kind' || key === 'apiVersion')) return true;
    const object = this.objects.get(place);
    return object !== undefined && this.wasJudged(object, repeated);
  }

  private add(object: Opened, steps: readonly string[]): void {
    this.objects.set(placeOf(steps), object);
    this.deepest = Math.max(this.deepest, steps.length);
    if (!isJudged(object, this.dialects)) return;
    this.judged.add(placeOf(steps));
    for (const [i, step] of steps.entries()) {
      const place = placeOf(steps.slice(0, i));
      this.ways.set(place, (this.ways.get(place) ?? new Set<string>()).add(step));
    }
  }

  /** Whether the object would be read, or contain objects that are, if the earlier value counted. */
  private wasJudged({ apiVersion, kind }: Opened, { key, earlier }: RepeatedKey): boolean {
    if (typeof earlier !== 'string') return key === 'items';
    if (key === 'kind') return isJudgedKind(apiVersion, earlier, this.dialects);
    return key === 'apiVersion' && isJudgedKind(earlier, kind, this.dialects);
  }
}

function placeOf(steps: readonly string[]): string {
  return JSON.stringify(steps);
}
