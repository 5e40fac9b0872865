import { asObject, asStringMap, field } from '../policy/readers/shape.ts';
import { MODE_LEVELS, type ModeLevel } from '../policy/settings.ts';
import { BadRequest } from './bad-request.ts';
import { warningLines } from './message.ts';
import type { Judging, ReviewHandler } from './policies.ts';
import { warningsOfRaise } from './raised-enforce.ts';
import { allowed, errored, type StatusCause, withWarnings } from './response.ts';

const PREFIX = 'netpol-guard.io/';
const MODES = ['enforce', 'warn', 'audit'] as const;
const KNOWN_KEYS: readonly string[] = [...MODES, 'baseline', 'baseline-status'].map((name) => PREFIX + name);
/** Nobody misspells more keys than this in good faith. */
const MAX_UNKNOWN_KEYS = 5;

type Mode = (typeof MODES)[number];
type Labels = ReadonlyMap<string, string>;

/** NamespaceJudging is what the handler of Namespaces needs. */
export interface NamespaceJudging extends Judging {
  /** The known word that a misspelt one is closest to. */
  readonly nearest: (word: string, known: Iterable<string>) => string | undefined;
}

/**
 * createNamespaceHandler answers reviews of Namespace: a misspelt level is refused where it is new, and raising
 * `enforce` warns of the policies that it would refuse.
 */
export function createNamespaceHandler(judging: NamespaceJudging): ReviewHandler {
  return async ({ operation, name, object, oldObject }, deadline) => {
    if (operation === 'DELETE')
      throw new BadRequest(400, 'request.operation: the deletion of a Namespace is not judged');
    const after = labelsOf(object);
    const before = operation === 'UPDATE' ? labelsOf(oldObject) : new Map<string, string>();
    if (field(metadataOf(object), 'deletionTimestamp') !== undefined) return allowed();

    const misspelt = MODES.filter((mode) => levelOf(after, mode) === 'misspelt');
    const fresh = misspelt.filter((mode) => after.get(PREFIX + mode) !== before.get(PREFIX + mode));
    if (fresh.length > 0) return refuse(fresh.map((mode) => misspelling(mode, after)));

    const { modes } = judging.settings();
    const enforceOf = (labels: Labels): ModeLevel => {
      const level = levelOf(labels, 'enforce');
      return level === undefined || level === 'misspelt' ? modes.enforce : level;
    };
    const raised = MODE_LEVELS.indexOf(enforceOf(after)) > MODE_LEVELS.indexOf(enforceOf(before));
    return withWarnings(
      allowed(),
      warningLines([
        ...misspelt.map((mode) => `${PREFIX}${mode}: ${given(mode, after)} is no level, "${modes[mode]}" is in force`),
        ...unknownKeys(before, after, judging.nearest),
        ...(operation === 'UPDATE' && raised ? warningsOfRaise(name, enforceOf(after), after, judging, deadline) : []),
      ]),
    );
  };
}

function metadataOf(object: unknown) {
  return asObject(field(asObject(object, 'object'), 'metadata'), 'metadata');
}

function labelsOf(object: unknown): Labels {
  return asStringMap(field(metadataOf(object), 'labels'), 'metadata.labels');
}

/** undefined where the label is missing. */
function levelOf(labels: Labels, mode: Mode): ModeLevel | 'misspelt' | undefined {
  const value = labels.get(PREFIX + mode);
  return value === undefined ? undefined : (MODE_LEVELS.find((level) => level === value) ?? 'misspelt');
}

/** The value as messages show it; label values are at most 63 characters. */
function given(mode: Mode, labels: Labels): string {
  return `"${labels.get(PREFIX + mode)?.slice(0, 63)}"`;
}

function misspelling(mode: Mode, labels: Labels): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `${given(mode, labels)} is no level; use ${MODE_LEVELS.join(', ')}, or leave the label out`,
    field: `metadata.labels[${PREFIX}${mode}]`,
  };
}

function refuse(causes: readonly StatusCause[]) {
  return errored(causes.map(({ field: path, message }) => `${path}: ${message}`).join('\n'), causes);
}

/** unknownKeys warns of new labels that look like ours and are not. */
function unknownKeys(before: Labels, after: Labels, nearest: NamespaceJudging['nearest']): readonly string[] {
  const keys = [...after.keys()].filter(
    (key) => key.startsWith(PREFIX) && !KNOWN_KEYS.includes(key) && !before.has(key),
  );
  return keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
    const meant = nearest(key, KNOWN_KEYS);
    return `${key.slice(0, 60)}: means nothing here${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
}
