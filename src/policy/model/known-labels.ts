import type { Labels } from '../../sets/label-selector.ts';
import { BASELINE_LABEL, MODE_LABELS, NAMESPACE_NAME, STATUS_LABEL } from './labels.ts';
import type { NamespaceFacts } from './snapshot.ts';

/** Real namespaces have a few dozen labels; an object of 1.5 MB has room for fifty thousand. */
export const MOST_LABELS = 1000;

/**
 * DECIDING_LABELS decide what is enforced. They are listed by name, since anyone may add a thousand others with the
 * same beginning.
 */
export const DECIDING_LABELS: readonly string[] = [
  NAMESPACE_NAME,
  ...Object.values(MODE_LABELS),
  BASELINE_LABEL,
  STATUS_LABEL,
];

/**
 * knownLabels keeps up to MOST_LABELS of a Namespace; if there are more, only those that decide, and the others are
 * unknown.
 */
export function knownLabels(labels: Labels): Pick<NamespaceFacts, 'labels' | 'labelsKnown'> {
  if (labels.size <= MOST_LABELS) return { labels, labelsKnown: true };
  const kept = DECIDING_LABELS.flatMap((key) => {
    const value = labels.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return { labels: new Map(kept), labelsKnown: false };
}
