import { childPath } from '../../objects/field-path.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { nearest } from '../../objects/nearest.ts';
import { BASELINE_LABEL, LABEL_PREFIX, MODE_LABELS, STATUS_LABEL } from '../../policy/model/labels.ts';
import { MODE_LEVELS } from '../../policy/model/settings.ts';
import { isModeLevel, modesOf } from '../../policy/situation/modes.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { HandlerContext, ReviewHandler } from '../review/handler.ts';
import { labelValueText } from '../review/label-value.ts';
import { warningLines } from '../review/message.ts';
import { isGoing, labelsOf, namespaceName } from '../review/namespace-object.ts';
import { type Answer, allowed, errored, type StatusCause, unreadable, withWarnings } from '../review/response.ts';
import { type AdmissionRequest, demandKind } from '../review/review.ts';
import { type Raise, warningsOfRaise } from './raised-enforce.ts';
import { checkTemplate } from './template-label.ts';

const MODE_KEYS: readonly string[] = Object.values(MODE_LABELS);
const KNOWN_KEYS: readonly string[] = [...MODE_KEYS, BASELINE_LABEL, STATUS_LABEL];
/** More misspelt keys than this are not a mistake. */
const MAX_UNKNOWN_KEYS = 5;

/**
 * createNamespaceHandler answers reviews of Namespace: a new misspelt level or template is refused, and raising
 * `enforce` warns of the policies that it would refuse.
 */
export function createNamespaceHandler(context: HandlerContext): ReviewHandler {
  const turns = new Turns(context.clock);
  return async (request, deadline) => {
    if (request.operation === 'DELETE') {
      throw new BadRequest(400, 'request.operation: the deletion of a Namespace is not judged');
    }
    demandKind(request, 'Namespace');
    try {
      const inTurn = <T>(work: () => T) => turns.take(request.user.username, work);
      const { answer, notes, raise } = await inTurn(() => readNamespace(request, context));
      if (answer !== undefined) return answer;
      const warnings = raise ? await warningsOfRaise(raise, context, deadline, inTurn) : [];
      return withWarnings(allowed(), warningLines([...notes, ...warnings]));
    } catch (error) {
      if (error instanceof InvalidObject) return unreadable('namespace', error);
      throw error;
    }
  };
}

/** The result of a review of a Namespace: its answer, or the notes and whether `enforce` is raised. */
type Reading =
  | { readonly answer: Answer; readonly notes?: never; readonly raise?: never }
  | { readonly answer?: never; readonly notes: readonly string[]; readonly raise: Raise | undefined };

function readNamespace(request: AdmissionRequest, context: HandlerContext): Reading {
  const { operation, name, object, oldObject } = request;
  const after = labelsOf(object);
  const before = operation === 'UPDATE' ? labelsOf(oldObject) : new Map<string, string>();
  if (isGoing(request)) return { answer: allowed() };

  const settings = context.settings();
  const fresh = MODE_KEYS.filter((key) => isMisspelt(after.get(key)) && after.get(key) !== before.get(key));
  const template = checkTemplate(namespaceName(request), before, after, settings);
  const refused = [...fresh.map((key) => misspelling(key, after.get(key) ?? '')), ...template.refused];
  if (refused.length > 0) return { answer: refuse(refused) };

  const defaults = settings.modes;
  const next = modesOf(after, defaults);
  const level = next.modes.enforce;
  const last = modesOf(before, defaults).modes.enforce;
  const isRaised = operation === 'UPDATE' && MODE_LEVELS.indexOf(level) > MODE_LEVELS.indexOf(last);
  return {
    notes: [...next.notes, ...template.warnings, ...unknownKeys(before, after)],
    raise: isRaised ? { namespace: name, level, labels: after } : undefined,
  };
}

function isMisspelt(value: string | undefined): boolean {
  return value !== undefined && !isModeLevel(value);
}

function misspelling(key: string, value: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `"${labelValueText(value)}" is not a level; use ${MODE_LEVELS.join(', ')}, or remove the label`,
    field: childPath('metadata.labels', key),
  };
}

function refuse(causes: readonly StatusCause[]): Answer {
  return errored(causes.map(({ field: path, message }) => `${path}: ${message}`).join('\n'), causes);
}

/** unknownKeys warns of new labels that look like netpol-guard's own and are not. */
function unknownKeys(before: Labels, after: Labels): readonly string[] {
  const keys = [...after.keys()].filter(
    (key) => key.startsWith(LABEL_PREFIX) && !KNOWN_KEYS.includes(key) && !before.has(key),
  );
  return keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
    const meant = nearest(key, KNOWN_KEYS);
    return `label ${key.slice(0, 60)} means nothing here${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
}
