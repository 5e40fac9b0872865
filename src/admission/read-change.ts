import type { Change } from '../policy/change.ts';
import type { Policy } from '../policy/model.ts';
import { InvalidObject, readNetworkPolicy } from '../policy/readers/network-policy.ts';
import { TooManyItems } from '../policy/readers/size.ts';
import { onlyTakesAway } from '../policy/readers/takes-away.ts';
import { BadRequest } from './bad-request.ts';
import { warningLines } from './message.ts';
import { type Answer, allowed, unreadable, withWarnings } from './response.ts';
import type { AdmissionRequest } from './review.ts';

/** Reading is the change that a request asks for, or the answer where reading it is all that there is to do. */
export type Reading =
  | { readonly change: Change; readonly answer?: never }
  | { readonly answer: Answer; readonly change?: never; readonly first?: never };

/** ReadPolicy is readNetworkPolicy, or one that reads less. */
type ReadPolicy = (object: unknown, namespace: string) => Policy;

/** readBefore reads the stored policy; what cannot be read is returned, and thrown by nobody. */
export function readBefore(
  { operation, namespace, oldObject }: AdmissionRequest,
  read: ReadPolicy = readNetworkPolicy,
): Policy | InvalidObject | undefined {
  if (namespace === '') throw new BadRequest(400, 'request.namespace: missing; a NetworkPolicy belongs to a namespace');
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
  { operation, namespace, object, oldObject, user }: AdmissionRequest,
  before: Policy | InvalidObject | undefined,
  read: ReadPolicy = readNetworkPolicy,
): Reading {
  if (operation === 'DELETE') {
    if (before instanceof InvalidObject) return { answer: withWarnings(allowed(), notJudged(before)) };
    return { change: { operation, namespace, user, ...(before && { before }) } };
  }
  try {
    const after = read(object, namespace);
    // A stored object that cannot be read cannot excuse anything either: the new one is judged as if it were all new.
    const known = before instanceof InvalidObject ? undefined : before;
    return { change: { operation, namespace, user, after, ...(known && { before: known }) } };
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
    const isLess = error instanceof TooManyItems && onlyTakesAway(specOf(oldObject), specOf(object));
    if (!isLess) return { answer: unreadable('policy', error) };
    const said = `the change only takes away from the policy, which was not judged, ${error.message}`;
    return { answer: withWarnings(allowed(), warningLines([said])) };
  }
}

function specOf(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'spec' in object ? object.spec : undefined;
}

function notJudged({ message }: InvalidObject): readonly string[] {
  return warningLines([`the stored policy was not judged, ${message}`]);
}
