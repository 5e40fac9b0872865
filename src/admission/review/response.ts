import type { InvalidObject } from '../../objects/invalid-object.ts';
import type { LabelStep } from '../../objects/json-patch.ts';
import { cut, plain } from '../../objects/plain-text.ts';
import { Overloaded, type PutOff, type UnreadableReview } from './bad-request.ts';
import { reasonOf } from './http-status.ts';
import { REVIEW_API_VERSION } from './review.ts';

/** StatusCause is one reason, for machines: a rule's id, and the path of the field. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** Status is the part of metav1.Status that a refusal carries. */
export interface Status {
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly details?: { readonly causes: readonly StatusCause[]; readonly retryAfterSeconds?: number } | undefined;
}

/** AdmissionResponse is the response to the API server, without the uid. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly status?: Status | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** The API server prefixes the keys with the webhook's name. */
  readonly auditAnnotations?: Readonly<Record<string, string>> | undefined;
  /** Base64 of a JSON Patch. */
  readonly patch?: string | undefined;
  readonly patchType?: 'JSONPatch' | undefined;
}

/** Answer is the result of a review. */
export interface Answer {
  readonly response: AdmissionResponse;
  /**
   * The reasons for the refusal, each once: rules, or reasons as in metav1.Status. For the log; absent if it is
   * allowed.
   */
  readonly refusedBy?: readonly string[] | undefined;
}

/** allowed admits the request. */
export function allowed(): Answer {
  return { response: { allowed: true } };
}

/** denied refuses a request that is understood but not permitted. `rules` are those that refuse it. */
export function denied(
  message: string,
  causes: readonly StatusCause[],
  rules: readonly string[] = reasonsOf(causes),
): Answer {
  return refusal({ message, reason: 'Forbidden', code: 403, details: { causes } }, rules);
}

/** errored refuses a request whose object cannot be understood, with the code that the API server itself would use. */
export function errored(message: string, causes: readonly StatusCause[]): Answer {
  return refusal({ message, reason: 'Invalid', code: 422, details: { causes } }, reasonsOf(causes));
}

/** unreadable refuses an object that does not have the shape of its kind. */
export function unreadable(what: string, { message, path }: InvalidObject): Answer {
  const cause = { reason: 'FieldValueInvalid', message: told(message), field: told(path) };
  return errored(`the ${what} cannot be read: ${cause.message}`, [cause]);
}

/**
 * tryLater refuses the request for a second; clients of the API server retry by themselves. `rules` are as for denied.
 */
export function tryLater(
  message: string,
  causes: readonly StatusCause[],
  rules: readonly string[] = reasonsOf(causes),
): Answer {
  const details = { causes, retryAfterSeconds: 1 };
  return refusal({ message, reason: 'TooManyRequests', code: 429, details }, rules);
}

/** notRead refuses an object that was not read, or that cannot be judged now. */
export function notRead(error: UnreadableReview | PutOff): Answer {
  if (error instanceof Overloaded) return tryLater(error.message, []);
  const { statusCode, message } = error;
  return refusal({ message, reason: reasonOf(statusCode), code: statusCode, details: { causes: [] } }, []);
}

/** withPatch adds the patch that the API server applies to the object before anyone else sees it. */
export function withPatch(answer: Answer, patch: readonly LabelStep[]): Answer {
  if (patch.length === 0) return answer;
  return toldToo(answer, { patch: Buffer.from(JSON.stringify(patch)).toString('base64'), patchType: 'JSONPatch' });
}

/** withWarnings adds what kubectl prints beside the answer. */
export function withWarnings(answer: Answer, warnings: readonly string[]): Answer {
  if (warnings.length === 0) return answer;
  return toldToo(answer, { warnings: [...(answer.response.warnings ?? []), ...warnings] });
}

/** withAnnotations adds what goes to the audit log. */
export function withAnnotations(answer: Answer, annotations: Readonly<Record<string, string>>): Answer {
  if (Object.keys(annotations).length === 0) return answer;
  return toldToo(answer, { auditAnnotations: { ...answer.response.auditAnnotations, ...annotations } });
}

/** reviewOf addresses a response to the request of that uid. */
export function reviewOf(uid: string, response: AdmissionResponse): object {
  return { apiVersion: REVIEW_API_VERSION, kind: 'AdmissionReview', response: { uid, ...response } };
}

/** Keys and values may be as long as the object itself. */
function told(text: string): string {
  return cut(plain(text), 1024);
}

function refusal(status: Omit<Status, 'status'>, refusedBy: readonly string[]): Answer {
  return { response: { allowed: false, status: { status: 'Failure', ...status } }, refusedBy };
}

function reasonsOf(causes: readonly StatusCause[]): readonly string[] {
  return [...new Set(causes.map(({ reason }) => reason))];
}

function toldToo(answer: Answer, more: Partial<AdmissionResponse>): Answer {
  return { ...answer, response: { ...answer.response, ...more } };
}
