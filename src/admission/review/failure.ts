import { Overloaded, PutOff, UnreadableReview } from './bad-request.ts';
import { type HttpStatus, statusOf } from './http-status.ts';
import { notRead, reviewOf } from './response.ts';

/** Failure is the answer to a request without a verdict. */
export interface Failure {
  /** The code for metrics, whatever is sent. */
  readonly status: HttpStatus;
  /** HTTP's own: 200 for a review. */
  readonly code: number;
  readonly body: object;
  /** Whether the answer asks the client to retry. */
  readonly isRetried: boolean;
}

/** failureOf turns what was thrown into an answer: a review if its author must be refused and its `uid` is known. */
export function failureOf(error: unknown, uid: string | undefined, contentType: string | undefined): Failure {
  const status = statusOf(error, contentType);
  if (uid !== undefined && (error instanceof UnreadableReview || error instanceof PutOff)) {
    return { status, code: 200, body: reviewOf(uid, notRead(error).response), isRetried: false };
  }
  return { status, code: status.code, body: status, isRetried: error instanceof Overloaded };
}
