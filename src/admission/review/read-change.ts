import { InvalidObject } from '../../objects/invalid-object.ts';
import { isSameJson } from '../../objects/same-json.ts';
import type { Change } from '../../policy/model/change.ts';
import type { PolicyKind } from '../../policy/model/dialect.ts';
import type { ObjectRef } from '../../policy/model/finding.ts';
import type { Policy } from '../../policy/model/policy.ts';
import { TooManyItems } from '../../policy/model/size.ts';
import { BadRequest } from './bad-request.ts';
import { warningLines } from './message.ts';
import { type Answer, allowed, unreadable, withWarnings } from './response.ts';
import { type AdmissionRequest, apiVersionOf } from './review.ts';

/** Reading is the change that a request asks for, or the answer if reading it already decides. */
export type Reading =
  | { readonly change: Change; readonly answer?: never }
  | { readonly answer: Answer; readonly change?: never; readonly first?: never };

/** readBefore reads the stored policy; a read error is returned, not thrown. */
export function readBefore(
  { operation, namespace, oldObject }: AdmissionRequest,
  { kind, read }: PolicyKind,
): Policy | InvalidObject | undefined {
  if (namespace === '') throw new BadRequest(400, `request.namespace: missing; a ${kind} belongs to a namespace`);
  if (operation === 'CREATE') return undefined;
  try {
    return read(oldObject, namespace);
  } catch (error) {
    if (error instanceof InvalidObject) return error;
    throw error;
  }
}

/** readChange reads the submitted policy, given what readBefore returned. */
export function readChange(
  request: AdmissionRequest,
  before: Policy | InvalidObject | undefined,
  kind: PolicyKind,
): Reading {
  const { operation, namespace, object, user, tooLarge } = request;
  // An unreadable stored object excuses nothing: the new one is judged as if everything in it were new.
  const known = before instanceof InvalidObject ? undefined : before;
  const change = { operation, namespace, user, before: known };
  if (operation === 'DELETE') {
    return before instanceof InvalidObject ? { answer: withWarnings(allowed(), notJudged(before)) } : { change };
  }
  if (tooLarge !== undefined)
    return { change: { ...change, unread: { ref: refOf(request, kind), problem: tooLarge } } };
  try {
    const after = kind.read(object, namespace);
    return { change: { ...change, after, isSameSpec: hasSameSpec(request) } };
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
    if (!(error instanceof TooManyItems)) return { answer: unreadable('policy', error) };
    if (!isLess(request, before, kind)) {
      return { change: { ...change, unread: { ref: refOf(request, kind), problem: error.excess } } };
    }
    const said = `the change only removes parts of the policy, which was not judged, ${error.message}`;
    return { answer: withWarnings(allowed(), warningLines([said])) };
  }
}

function hasSameSpec({ operation, object, oldObject }: AdmissionRequest): boolean {
  return operation === 'UPDATE' && isSameJson(specOf(oldObject), specOf(object));
}

/** Fewer items can cost more to read: equal rules are one, until each loses a different peer. */
function isLess(
  { object, oldObject }: AdmissionRequest,
  before: Policy | InvalidObject | undefined,
  kind: PolicyKind,
): boolean {
  return before instanceof TooManyItems && kind.onlyTakesAway(specOf(oldObject), specOf(object));
}

function refOf(request: AdmissionRequest, { kind }: PolicyKind): ObjectRef {
  const { namespace, name } = request;
  return { apiVersion: apiVersionOf(request), kind, namespace, name: name || undefined };
}

function specOf(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'spec' in object ? object.spec : undefined;
}

function notJudged({ message }: InvalidObject): readonly string[] {
  return warningLines([`the stored policy was not judged, ${message}`]);
}
