import { InvalidObject } from '../../objects/invalid-object.ts';
import type { DialectKind } from '../../policy/model/dialect.ts';
import { warningLines } from './message.ts';
import { type Answer, allowed, unreadable, withWarnings } from './response.ts';
import { type AdmissionRequest, apiVersionOf } from './review.ts';

/**
 * answerUnjudged answers a review of a kind that is read but not judged: facts that policies depend on, and
 * cluster-scoped policies. It only refuses objects that cannot be read.
 */
export function answerUnjudged(request: AdmissionRequest, kind: DialectKind): Answer {
  if (request.operation === 'DELETE') return allowed();
  try {
    if (kind.role === 'fact') kind.read(request.object);
    else kind.read(request.object, request.namespace);
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
    return unreadable(kind.kind, error);
  }
  return kind.role === 'fact' ? allowed() : withWarnings(allowed(), warningLines([notJudged(request, kind)]));
}

function notJudged(request: AdmissionRequest, { kind }: DialectKind): string {
  return `${kind} of ${apiVersionOf(request)} is not judged; it may allow or forbid what other policies do not`;
}
