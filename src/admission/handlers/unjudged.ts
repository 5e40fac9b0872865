import type { DialectKind } from '../../policy/model/dialect.ts';
import type { ReviewHandler } from '../review/handler.ts';
import { demandKind } from '../review/review.ts';
import { answerUnjudged } from '../review/unjudged.ts';

/** createUnjudgedHandler answers reviews of a kind that is read but not judged. */
export function createUnjudgedHandler(kind: DialectKind): ReviewHandler {
  return (request) => {
    demandKind(request, kind.kind);
    return answerUnjudged(request, kind);
  };
}
