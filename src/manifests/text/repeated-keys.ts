import { parsePath } from '../../objects/field-path.ts';
import type { Dialects } from '../../policy/dialects/dialects.ts';
import type { RepeatedKey } from './located.ts';
import type { Opened } from './open-lists.ts';
import { isJudged, isJudgedKind } from './policy-kinds.ts';

/**
 * misleadingKey returns a key that is given twice in an object which the linter reads, or in what leads to it or says
 * what it is. Elsewhere kubectl keeps the last one in silence, and charts often render such labels.
 */
export function misleadingKey(
  repeated: readonly RepeatedKey[],
  objects: readonly Opened[],
  dialects?: Dialects,
): RepeatedKey | undefined {
  return repeated.find((key) => objects.some((object) => bearsOn(key, object, dialects)));
}

function bearsOn({ key, within, earlier }: RepeatedKey, object: Opened, dialects?: Dialects): boolean {
  const steps = parsePath(object.path).map(String);
  if (startsWith(within, steps) && isJudged(object, dialects)) return true;
  if (!startsWith(steps, within)) return false;
  const next = steps[within.length];
  if (next !== undefined) return [next, 'kind', 'apiVersion'].includes(key) && isJudged(object, dialects);
  if (typeof earlier !== 'string') return key === 'items';
  if (key === 'kind') return isJudgedKind(object.apiVersion, earlier, dialects);
  return key === 'apiVersion' && isJudgedKind(earlier, object.kind, dialects);
}

function startsWith(steps: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((step, i) => steps[i] === step);
}
