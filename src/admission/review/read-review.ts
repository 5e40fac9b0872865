import { isObject } from '../../objects/fields.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { DIALECTS, type Dialects } from '../../policy/dialects/dialects.ts';
import { type DialectKind, isJudged, type PolicyKind } from '../../policy/model/dialect.ts';
import type { Policy } from '../../policy/model/policy.ts';
import { TooManyItems } from '../../policy/model/size.ts';
import { identityPart, namespaceParts, policyPart } from './handed-over.ts';
import { parseJson } from './json.ts';
import { readBefore, readChange } from './read-change.ts';
import type { Answer } from './response.ts';
import { type AdmissionRequest, demandKind, parseAdmissionReview, resourceText } from './review.ts';
import { Sharing } from './sharing.ts';
import { answerUnjudged } from './unjudged.ts';

/** ReadReview is a review from its body. If reading it already decides, it has the answer and no objects. */
export interface ReadReview {
  readonly request: AdmissionRequest;
  readonly answer?: Answer | undefined;
}

/** readReview reads the body of a review. Throws BadRequest. */
export function readReview(body: Uint8Array): ReadReview {
  return { request: parseAdmissionReview(parseJson(body)) };
}

/** The beginning of a review as API servers write it. */
const BEGINNING = /"request":\{"uid":"([^"\\]{1,512})"/;
const BEGINNING_BYTES = 1024;

/**
 * uidIn returns the uid of a review that cannot be read as a whole, if it is in the place where API servers write it.
 */
export function uidIn(body: Uint8Array): string | undefined {
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, BEGINNING_BYTES)).toString();
  return BEGINNING.exec(beginning)?.[1];
}

const NAMESPACES = 'v1/namespaces';

/**
 * How many different parts one object may consist of, as Sharing counts their cost, so that another thread can receive
 * it within some milliseconds. 10,000 items of a policy, each as different from the others as it can be, are 60,000.
 */
const MOST_PIECES = 80_000;
/** For a policy and the stored one, which are received in one go. */
const MOST_PIECES_OF_BOTH = 120_000;

/**
 * readLargeReview reads the body of a review so that another thread can receive it quickly: without unused parts, with
 * equal parts only once, and with the answer if its policies are too large. Throws BadRequest.
 */
export function readLargeReview(body: Uint8Array, dialects: Dialects = DIALECTS): ReadReview {
  const { request } = readReview(body);
  const resource = resourceText(request);
  const kind = dialects.kindAt(resource);
  if (kind !== undefined) return isJudged(kind) ? readLargePolicy(request, kind) : readUnjudged(request, kind);
  const [object, oldObject] =
    resource === NAMESPACES
      ? namespaceParts(request.object, request.oldObject)
      : [identityPart(request.object), identityPart(request.oldObject)];
  return { request: { ...request, object, oldObject, isLarge: true } };
}

function readUnjudged(request: AdmissionRequest, kind: DialectKind): ReadReview {
  demandKind(request, kind.kind);
  const answer = answerUnjudged(request, kind);
  return { request: { ...request, object: undefined, oldObject: undefined, isLarge: true }, answer };
}

function readLargePolicy(request: AdmissionRequest, kind: PolicyKind): ReadReview {
  demandKind(request, kind.kind);
  const sharing = new Sharing();
  const tooLarge = new Set<unknown>();
  const found = new Map<unknown, Policy>();
  const [object, oldObject] = [request.object, request.oldObject].map((policy) => {
    const before = sharing.cost;
    const shared = isObject(policy) ? { ...policy, spec: sharing.share(policy['spec']) } : policy;
    if (sharing.cost - before > MOST_PIECES || sharing.cost > MOST_PIECES_OF_BOTH) tooLarge.add(shared);
    return shared;
  });
  const large = { ...request, object, oldObject, isLarge: true };
  const read = (policy: unknown, namespace: string) => {
    if (tooLarge.has(policy)) throw tooManyParts();
    const read = kind.read(policy, namespace);
    if ((read.managed?.finalizers.length ?? 0) > MOST_PIECES) throw tooManyParts();
    found.set(policy, read);
    return read;
  };
  const bounded = { ...kind, read };
  const before = readBefore(large, bounded);
  const { answer, change } = readChange(large, before, bounded);
  if (answer !== undefined) return { request: { ...large, object: undefined, oldObject: undefined }, answer };
  const part = (policy: unknown) => {
    const read = found.get(policy);
    return read && policyPart(policy, read.managed !== undefined);
  };
  // If the stored policy cannot be read, the reason takes its place, which cannot be read either.
  const handed = { ...large, oldObject: before instanceof InvalidObject ? before.message : part(oldObject) };
  const unread = change?.unread;
  if (unread !== undefined) return { request: { ...handed, object: undefined, tooLarge: unread.problem } };
  return { request: { ...handed, object: part(object) } };
}

function tooManyParts(): TooManyItems {
  return new TooManyItems(`is made of more than ${MOST_PIECES.toLocaleString('en')} different parts`, MOST_PIECES);
}
