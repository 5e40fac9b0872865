import type { Labels } from '../../sets/label-selector.ts';
import type { Effect, Issue, Level } from '../model/finding.ts';
import { MODE_LABELS } from '../model/labels.ts';
import { MODE_LEVELS, type ModeLevel, type Modes } from '../model/settings.ts';

/** isModeLevel holds for the values that a mode label can have. */
export function isModeLevel(value: string): value is ModeLevel {
  return MODE_LEVELS.some((level) => level === value);
}

/** modesOf returns a namespace's modes; an invalid stored value counts as the default, with a note. */
export function modesOf(labels: Labels, defaults: Modes): { modes: Modes; notes: readonly string[] } {
  const notes: string[] = [];
  const read = (mode: keyof Modes): ModeLevel => {
    const value = labels.get(MODE_LABELS[mode]);
    if (value === undefined) return defaults[mode];
    if (isModeLevel(value)) return value;
    notes.push(`label ${MODE_LABELS[mode]}=${value} is not off, standard or strict; ${defaults[mode]} counts`);
    return defaults[mode];
  };
  return { modes: { enforce: read('enforce'), warn: read('warn'), audit: read('audit') }, notes };
}

/**
 * effectOf decides what an issue does under the modes of its namespace; undefined for nothing. An issue that would be
 * denied only warns if the change is not to blame, if it is not certain, or if it is tolerated.
 */
export function effectOf(
  issue: Pick<Issue, 'blamed' | 'uncertain' | 'tolerated'>,
  level: Level,
  override: Effect | 'off' | undefined,
  modes: Modes,
): Effect | undefined {
  if (override === 'off') return undefined;
  if (denies(level, override, modes)) {
    return issue.blamed && issue.uncertain === undefined && issue.tolerated !== true ? 'deny' : 'warn';
  }
  if (warns(level, override, modes)) return 'warn';
  return reaches(modes.audit, override === undefined ? level : 'advice') ? 'audit' : undefined;
}

function denies(level: Level, override: Effect | undefined, { enforce }: Modes): boolean {
  if (override !== undefined) return override === 'deny' && enforce !== 'off';
  return level !== 'advice' && reaches(enforce, level);
}

function warns(level: Level, override: Effect | undefined, { warn }: Modes): boolean {
  return override === undefined ? reaches(warn, level) : override !== 'audit' && warn !== 'off';
}

/** Advice is given unless the mode is off. */
function reaches(mode: ModeLevel, level: Level): boolean {
  return mode === 'strict' ? true : mode === 'standard' && level !== 'strict';
}
