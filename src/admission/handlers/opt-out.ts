import { childPath } from '../../objects/field-path.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { cut, plain } from '../../objects/plain-text.ts';
import { BASELINE_LABEL, MODE_LABELS, NO_TEMPLATE, PENDING, STATUS_LABEL } from '../../policy/model/labels.ts';
import { MODE_LEVELS, type ModeLevel, type Settings } from '../../policy/model/settings.ts';
import { isModeLevel } from '../../policy/situation/modes.ts';
import { mayHaveBaseline } from '../../policy/templates/namespace-template.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { HandlerContext, ReviewHandler } from '../review/handler.ts';
import { labelValueText } from '../review/label-value.ts';
import { isGoing, labelsOf, namespaceName } from '../review/namespace-object.ts';
import { type Answer, allowed, denied, type StatusCause, unreadable } from '../review/response.ts';
import { type AdmissionRequest, demandKind } from '../review/review.ts';

/**
 * createOptOutHandler answers reviews of a Namespace with changed guarded labels, by a user who lacks the verb to lower
 * them. A change that lowers nothing is allowed. A ValidatingAdmissionPolicy decides that now. The previous version's
 * webhook still asks here, and during a rollback both are asked. Remove this handler once no supported version asks.
 */
export function createOptOutHandler({ settings, clock }: Pick<HandlerContext, 'settings' | 'clock'>): ReviewHandler {
  const turns = new Turns(clock);
  return async (request) => {
    if (request.operation === 'DELETE') {
      throw new BadRequest(400, 'request.operation: the deletion of a Namespace is not judged');
    }
    demandKind(request, 'Namespace');
    try {
      return await turns.take(request.user.username, () => answerTo(request, settings()));
    } catch (error) {
      if (error instanceof InvalidObject) return unreadable('namespace', error);
      throw error;
    }
  };
}

function answerTo(request: AdmissionRequest, settings: Settings): Answer {
  const { object, oldObject, operation, user } = request;
  if (user.username === settings.ownUser || isGoing(request)) return allowed();
  const after = labelsOf(object);
  const before = operation === 'UPDATE' ? labelsOf(oldObject) : undefined;
  const name = namespaceName(request);
  const lowered = [
    enforceLowered(before, after, settings.modes.enforce),
    mayHaveBaseline(name, settings) ? baselineLowered(before, after, settings.baseline) : undefined,
    statusSet(before, after),
  ].filter((loss) => loss !== undefined);
  if (lowered.length === 0) return allowed();
  const permission = `exempt (namespaces.netpol-guard.io "${cut(plain(name), MAX_NAME)}")`;
  const leave = `needs the permission ${permission}; ask a cluster admin`;
  return denied(`\n${lowered.map(({ field, message }) => `${field}: ${message} ${leave}`).join('\n')}`, lowered);
}

/** A label with an unknown level counts as the default, as everywhere. */
function enforceLowered(before: Labels | undefined, after: Labels, byDefault: ModeLevel): StatusCause | undefined {
  const level = (labels: Labels | undefined): ModeLevel => {
    const value = labels?.get(MODE_LABELS.enforce) ?? '';
    return isModeLevel(value) ? value : byDefault;
  };
  const [from, to] = [level(before), level(after)];
  if (MODE_LEVELS.indexOf(to) >= MODE_LEVELS.indexOf(from)) return undefined;
  return forbidden(MODE_LABELS.enforce, `lowering it from ${from} to ${to}`);
}

/**
 * No existing template may be changed: there is no telling which of two is stricter. A new namespace has the default
 * template, and so has one without the label if such namespaces are adopted.
 */
function baselineLowered(
  before: Labels | undefined,
  after: Labels,
  { template, templates, existingNamespaces }: Settings['baseline'],
): StatusCause | undefined {
  const unlabelled = before === undefined || existingNamespaces === 'adopt' ? template?.name : undefined;
  const from = before?.get(BASELINE_LABEL) ?? unlabelled;
  const to = after.get(BASELINE_LABEL) ?? unlabelled;
  if (!namesTemplate(from) || from === to) return undefined;
  // An unknown name, corrected.
  if (!templates.has(from) && to !== undefined && templates.has(to)) return undefined;
  return forbidden(BASELINE_LABEL, `changing it from ${told(from, 'nothing')} to ${told(to, 'nothing')}`);
}

function namesTemplate(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value !== NO_TEMPLATE;
}

/** On CREATE the webhook has set it itself, or omitted it. */
function statusSet(before: Labels | undefined, after: Labels): StatusCause | undefined {
  const [from, to] = [before?.get(STATUS_LABEL), after.get(STATUS_LABEL)];
  if (from === to || (before === undefined && to === PENDING)) return undefined;
  const change = `changing it from ${told(from, 'nothing')} to ${told(to, 'nothing')}`;
  return forbidden(STATUS_LABEL, `only netpol-guard changes it; ${change}`);
}

function forbidden(key: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', message, field: childPath('metadata.labels', key) };
}

const MAX_NAME = 253;

/** The value in quotes, or a word for no value. */
function told(value: string | undefined, absent: string): string {
  return value === undefined ? absent : `"${labelValueText(value)}"`;
}
