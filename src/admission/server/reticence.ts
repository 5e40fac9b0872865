import type { Time } from '../../runtime/clock.ts';
import type { AdmissionResponse, Answer } from '../review/response.ts';
import { Allowances } from './allowances.ts';

/**
 * ReticenceLimits bound the detailed answers for one address: a number at once, and a number per second from then on.
 */
export interface ReticenceLimits {
  readonly details: number;
  readonly detailsPerSecond: number;
}

/**
 * Reticence bounds how fast a caller without a certificate can learn from answers what is in other namespaces: people
 * and pipelines use the API server at a certain rate, and guessing is faster. It never changes the verdict.
 */
export class Reticence {
  private readonly allowances: Allowances;

  constructor({ details, detailsPerSecond }: ReticenceLimits, clock: Time) {
    this.allowances = new Allowances({ most: details, perSecond: detailsPerSecond }, clock);
  }

  /** toldTo returns what an address gets of an answer: all of it, or only which rules were broken. */
  toldTo(address: string, answer: Answer): AdmissionResponse {
    if (!hasDetails(answer.response) || this.allowances.spend(address)) return answer.response;
    return withoutDetails(answer);
  }
}

function hasDetails({ status, warnings, auditAnnotations }: AdmissionResponse): boolean {
  return status !== undefined || warnings !== undefined || auditAnnotations !== undefined;
}

const LEFT_OUT = 'details are omitted, because this address received many of them in the last few seconds';

/** Audit annotations are part of the answer, and the reason for an exemption is for the operator. */
function withoutDetails({ response, refusedBy = [] }: Answer): AdmissionResponse {
  const { status, warnings, auditAnnotations: _, ...bare } = response;
  const warned = warnings === undefined ? bare : { ...bare, warnings: [LEFT_OUT] };
  if (status === undefined) return warned;
  const { details, ...told } = status;
  const causes = (details?.causes ?? []).map(({ reason, field }) => ({ reason, message: LEFT_OUT, field }));
  const message = `refused by ${refusedBy.join(', ') || 'netpol-guard'}; ${LEFT_OUT}: try again in a few seconds`;
  return { ...warned, status: { ...told, message, ...(details && { details: { ...details, causes } }) } };
}
