import type { Logger } from '../../runtime/logger.ts';
import { Overloaded } from '../review/bad-request.ts';
import type { AdmissionObserver } from '../review/observer.ts';
import type { Answer } from '../review/response.ts';
import { type AdmissionRequest, resourceText } from '../review/review.ts';

/** Records are where an answer is recorded: metrics and log lines. */
interface Records {
  readonly observer: AdmissionObserver;
  readonly log: Logger;
}

/** recordDecision records a judged review, with the milliseconds since its arrival. */
export function recordDecision(
  review: AdmissionRequest,
  { response: { allowed }, refusedBy }: Answer,
  milliseconds: number,
  { observer, log }: Records,
): void {
  const { uid, operation, namespace, name, dryRun, user } = review;
  const resource = resourceText(review);
  observer.decided({ operation, resource: review.resource.resource, allowed, dryRun, seconds: milliseconds / 1000 });
  const ms = Math.round(milliseconds * 1000) / 1000;
  const who = user.username.slice(0, 256);
  log.info(
    { uid, operation, resource, namespace, name, user: who, dryRun, allowed, rules: refusedBy, ms },
    'admission decision',
  );
}

/** recordFailure records a request that ended in an error: rejected for now, refused, or an internal error. */
export function recordFailure(error: unknown, status: number, url: string, { observer, log }: Records): void {
  if (error instanceof Overloaded) {
    observer.shed(error.reason);
  } else if (status < 500) {
    observer.refused(status);
  } else {
    observer.internalError('review');
    log.error({ err: error, path: url.slice(0, 256) }, 'internal error: review answered with 500');
  }
}
