import { InvalidObject, readNetworkPolicy } from '../policy/readers/network-policy.ts';
import type { Json } from '../policy/readers/shape.ts';
import { TooManyItems } from '../policy/readers/size.ts';
import { parseJson } from './json.ts';
import { readBefore, readChange } from './read-change.ts';
import type { Answer } from './response.ts';
import { type AdmissionRequest, demandKind, parseAdmissionReview, resourceText } from './review.ts';
import { Sharing } from './sharing.ts';

/** ReadReview is a review as its body says it; with the answer, and without objects, where reading it is all there is to do. */
export interface ReadReview {
  readonly request: AdmissionRequest;
  readonly answer?: Answer;
}

/** readReview reads the body of a review. Throws BadRequest. */
export function readReview(body: Uint8Array): ReadReview {
  return { request: parseAdmissionReview(parseJson(body)) };
}

/** As API servers begin one. */
const BEGINNING = /"request":\{"uid":"([^"\\]{1,512})"/;
const BEGINNING_BYTES = 1024;

/** uidIn returns the uid of a review that cannot be read as a whole, where it stands where API servers write it. */
export function uidIn(body: Uint8Array): string | undefined {
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, BEGINNING_BYTES)).toString();
  return BEGINNING.exec(beginning)?.[1];
}

const POLICIES = 'networking.k8s.io/v1/networkpolicies';

/** By resource, what is read of an object beside what it is. */
const PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  [POLICIES, ['spec']],
  ['v1/namespaces', ['status']],
]);

/**
 * How many different lists and objects one object may be made of, so that another thread can take it over within some
 * milliseconds. 10,000 items of a policy, each as different from the others as it can be, are 60,000.
 */
const MOST_PIECES = 80_000;

/**
 * readLargeReview reads the body of a review so that another thread can take it over in little time: without what nobody
 * reads, with equal parts there once, and with the answer where its policies are too large. Throws BadRequest.
 */
export function readLargeReview(body: Uint8Array): ReadReview {
  const { request } = readReview(body);
  const resource = resourceText(request);
  const parts = PARTS.get(resource) ?? [];
  const sharing = new Sharing();
  const tooLarge = new Set<unknown>();
  const [object, oldObject] = [request.object, request.oldObject].map((whole) => {
    const before = sharing.pieces;
    const shared = sharing.share(partsOf(whole, parts));
    if (sharing.pieces - before > MOST_PIECES) tooLarge.add(shared);
    return shared;
  });
  const large = { ...request, object, oldObject, isLarge: true };
  if (resource !== POLICIES) return { request: large };

  demandKind(large, 'networking.k8s.io/v1', 'NetworkPolicy');
  const read = (policy: unknown, namespace: string) => {
    if (!tooLarge.has(policy)) return readNetworkPolicy(policy, namespace);
    throw new TooManyItems(`is made of more than ${MOST_PIECES.toLocaleString('en')} different parts`, MOST_PIECES);
  };
  const before = readBefore(large, read);
  const { answer, change } = readChange(large, before, read);
  if (answer !== undefined) return { request: { ...large, object: undefined, oldObject: undefined }, answer };
  // Where the stored policy cannot be read, the reason stands in its place, which cannot be read either.
  const handed = before instanceof InvalidObject ? { ...large, oldObject: before.message } : large;
  return {
    request: change?.unread === undefined ? handed : { ...handed, object: undefined, tooLarge: change.unread.problem },
  };
}

const IDENTITY: readonly string[] = ['apiVersion', 'kind'];

function partsOf(object: unknown, parts: readonly string[]): unknown {
  if (!isObject(object)) return object;
  const { metadata } = object;
  const kept = Object.entries(object).filter(([key]) => IDENTITY.includes(key) || parts.includes(key));
  return { ...Object.fromEntries(kept), metadata: isObject(metadata) ? withoutFields(metadata) : metadata };
}

/** Of managedFields it matters who manages, not what. */
function withoutFields(metadata: Json): Json {
  const { managedFields } = metadata;
  if (!Array.isArray(managedFields)) return metadata;
  const managers = managedFields.map((item: unknown) => (isObject(item) ? { ...item, fieldsV1: undefined } : item));
  return { ...metadata, managedFields: managers };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
