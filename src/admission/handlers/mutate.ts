import { matchesGlob } from '../../objects/glob.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { applyPatch, type LabelChanges, type LabelStep, labelPatch } from '../../objects/json-patch.ts';
import { BASELINE_LABEL, NO_TEMPLATE, PENDING, STATUS_LABEL } from '../../policy/model/labels.ts';
import { policiesToWaitFor } from '../../policy/templates/gate.ts';
import { mayHaveBaseline } from '../../policy/templates/namespace-template.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { HandlerContext, ReviewHandler } from '../review/handler.ts';
import { warningLines } from '../review/message.ts';
import { isGoing, labelsOf, namespaceName } from '../review/namespace-object.ts';
import { type Answer, allowed, unreadable, withPatch, withWarnings } from '../review/response.ts';
import { type AdmissionRequest, demandKind } from '../review/review.ts';

/**
 * createMutationHandler answers reviews of Namespace with the labels of its baseline: a new one gets them, and an old
 * one keeps them. It refuses nothing: an internal error admits the namespace as it is, and the controller does the
 * rest.
 */
export function createMutationHandler(context: HandlerContext, log: Logger): ReviewHandler {
  const turns = new Turns(context.clock);
  return async (request) => {
    demandKind(request, 'Namespace');
    try {
      return await turns.take(request.user.username, () => answerTo(request, context));
    } catch (error) {
      if (error instanceof BadRequest) throw error;
      if (error instanceof InvalidObject) return unreadable('namespace', error);
      context.observer.internalError('labels');
      log.error({ err: error, uid: request.uid }, 'internal error: namespace admitted without a patch');
      return allowed();
    }
  };
}

/** Change is the new labels, and the message about them. */
interface Change {
  readonly labels: LabelChanges;
  readonly warnings: readonly string[];
}

function answerTo(request: AdmissionRequest, context: HandlerContext): Answer {
  const { object, oldObject, operation, user } = request;
  const settings = context.settings();
  const name = namespaceName(request);
  if (operation === 'DELETE' || isGoing(request)) return allowed();
  if (user.username === settings.ownUser || settings.systemNamespaces.some((glob) => matchesGlob(glob, name))) {
    return allowed();
  }
  const { labels, warnings } =
    operation === 'CREATE'
      ? atBirth(name, labelsOf(object), context)
      : kept(mayHaveBaseline(name, settings), labelsOf(oldObject), labelsOf(object));
  return withWarnings(withPatch(allowed(), checkedPatch(object, labels)), warningLines(warnings));
}

/** The submitter never sets the status. */
function atBirth(name: string, submitted: Labels, { settings, gatherSnapshot }: HandlerContext): Change {
  const now = settings();
  const byDefault = mayHaveBaseline(name, now) ? now.baseline.template?.name : undefined;
  const template = submitted.get(BASELINE_LABEL) ?? byDefault;
  const labels = new Map<string, string | undefined>([[STATUS_LABEL, undefined]]);
  if (template === undefined) return { labels, warnings: [] };
  const born = { name, labels: new Map([[BASELINE_LABEL, template]]), labelsKnown: true, terminating: false };
  if (policiesToWaitFor(born, gatherSnapshot(), now).length > 0) labels.set(STATUS_LABEL, PENDING);
  return { labels: labels.set(BASELINE_LABEL, template), warnings: [] };
}

/** A label that never existed is not added: that would bring an old namespace under the baseline. */
function kept(mayHave: boolean, before: Labels, after: Labels): Change {
  const dropped = mayHave ? [...HINTS].filter(([key]) => before.has(key) && !after.has(key)) : [];
  return {
    labels: new Map(dropped.map(([key]) => [key, before.get(key)])),
    warnings: dropped.map(([key, hint]) =>
      before.get(key) === NO_TEMPLATE ? `label ${key} is kept` : `label ${key} is kept: ${hint}`,
    ),
  };
}

const HINTS: ReadonlyMap<string, string> = new Map([
  [BASELINE_LABEL, 'set it to none to opt out of the baseline'],
  [STATUS_LABEL, 'netpol-guard removes it once the baseline is in place'],
]);

/** A patch that cannot be applied fails the request, whatever the failurePolicy: so it is tested here first. */
function checkedPatch(object: unknown, changes: LabelChanges): readonly LabelStep[] {
  const patch = labelPatch(object, changes);
  if (labelPatch(applyPatch(object, patch), changes).length > 0)
    throw new Error('the patch does not do what it should');
  return patch;
}
