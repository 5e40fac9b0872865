import { MODE_LABELS } from '../policy/model/labels.ts';
import { MODE_LEVELS, type ModeLevel, type Modes } from '../policy/model/settings.ts';
import type { WorldNamespace } from './world.ts';

/** withoutLevelLabels returns Namespaces as they would be if none of them named a level of its own. */
export function withoutLevelLabels(namespaces: readonly WorldNamespace[]): readonly WorldNamespace[] {
  const ignored = new Set(Object.values(MODE_LABELS));
  return namespaces.map((namespace) => ({
    ...namespace,
    labels: new Map([...namespace.labels].filter(([key]) => !ignored.has(key))),
  }));
}

/** What a report leaves out in any case, such as audits, no label takes away. */
const SEEN_MODES = ['enforce', 'warn'] as const;

/**
 * loweredLevelNotes says which Namespaces among the files have less judged than the defaults would: the author of the
 * policies wrote that too. In one sentence, however many they are.
 */
export function loweredLevelNotes(namespaces: readonly WorldNamespace[], defaults: Modes): readonly string[] {
  const lowered = namespaces.flatMap((namespace) => {
    const labels = SEEN_MODES.filter((mode) => lowers(namespace.labels.get(MODE_LABELS[mode]), defaults[mode]));
    return labels.length === 0 ? [] : [{ namespace, labels }];
  });
  const [first, ...others] = lowered;
  if (first === undefined) return [];
  const { file, name, labels } = first.namespace;
  const named = first.labels.map((mode) => `${MODE_LABELS[mode]}: ${labels.get(MODE_LABELS[mode])}`).join(', ');
  const more = others.length === 0 ? '' : `, as do ${others.length} more`;
  return [`${file}: Namespace ${name} lowers the level (${named})${more}; --ignore-labels judges without such labels`];
}

function lowers(label: string | undefined, usual: ModeLevel): boolean {
  const level = MODE_LEVELS.findIndex((known) => known === label);
  return level >= 0 && level < MODE_LEVELS.indexOf(usual);
}
