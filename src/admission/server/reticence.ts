import type { Time } from '../../runtime/clock.ts';
import type { AdmissionResponse, Answer } from '../review/response.ts';
import { Allowances } from './allowances.ts';

/** ReticenceLimits bound what one address hears: so many answers at once, and so many a second from then on. */
export interface ReticenceLimits {
  readonly details: number;
  readonly detailsPerSecond: number;
}

/**
 * Reticence bounds how fast a caller that has not shown a certificate can learn from answers what is in namespaces that
 * are none of its own: the API server is asked by people and pipelines, and who tries out one guess after the other asks
 * faster. The verdict is never another one.
 */
export class Reticence {
  private readonly allowances: Allowances;

  constructor({ details, detailsPerSecond }: ReticenceLimits, clock: Time) {
    this.allowances = new Allowances({ most: details, perSecond: detailsPerSecond }, clock);
  }

  /** toldTo returns what an address hears of an answer: all of it, or which rules were broken and nothing else. */
  toldTo(address: string, answer: Answer): AdmissionResponse {
    if (!hasDetails(answer.response) || this.allowances.spend(address)) return answer.response;
    return withoutDetails(answer);
  }
}

function hasDetails({ status, warnings, auditAnnotations }: AdmissionResponse): boolean {
  return status !== undefined || warnings !== undefined || auditAnnotations !== undefined;
}

const LEFT_OUT = 'details are omitted, because this address received many of them in the last few seconds';

/** What goes to the audit log is part of the answer, and why something is exempt is the operator's. */
function withoutDetails({ response, refusedBy = [] }: Answer): AdmissionResponse {
  const { status, warnings, auditAnnotations: _, ...bare } = response;
  const warned = warnings === undefined ? bare : { ...bare, warnings: [LEFT_OUT] };
  if (status === undefined) return warned;
  const { details, ...told } = status;
  const causes = (details?.causes ?? []).map(({ reason, field }) => ({ reason, message: LEFT_OUT, field }));
  const message = `refused by ${refusedBy.join(', ') || 'netpol-guard'}; ${LEFT_OUT}: try again in a few seconds`;
  return { ...warned, status: { ...told, message, ...(details && { details: { ...details, causes } }) } };
}
