import { MODE_LABELS } from '../policy/model/labels.ts';
import { MODE_LEVELS, type ModeLevel, type Modes } from '../policy/model/settings.ts';
import type { WorldNamespace } from './world.ts';

/** withoutLevelLabels returns Namespaces without their level labels. */
export function withoutLevelLabels(namespaces: readonly WorldNamespace[]): readonly WorldNamespace[] {
  const ignored = new Set(Object.values(MODE_LABELS));
  return namespaces.map((namespace) => ({
    ...namespace,
    labels: new Map([...namespace.labels].filter(([key]) => !ignored.has(key))),
  }));
}

/** Findings that a report always skips, such as audits, are not lost because of a label. */
const SEEN_MODES = ['enforce', 'warn'] as const;

/**
 * loweredLevelNotes names the Namespaces among the files that lower the default level: the author of the policies wrote
 * those too. It is one sentence, however many there are.
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
