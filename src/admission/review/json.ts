import { cut, plain } from '../../objects/plain-text.ts';
import { BadRequest, Unreadable } from './bad-request.ts';
import { isTooDeep } from './nesting.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * parseJson reads the JSON of a body. Plain JSON.parse makes `__proto__` a property like any other, which as the key of a
 * label it may be. Throws BadRequest.
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) throw new BadRequest(400, 'the body is empty, expected an AdmissionReview');
  if (isTooDeep(body)) throw new Unreadable(400, 'the body nests lists and objects deeper than any object does');
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    // An API server passes managedFields on as they came.
    if (!(error instanceof SyntaxError)) throw new Unreadable(400, 'the body is not JSON: not valid UTF-8');
    // V8 quotes the body around the place.
    throw new BadRequest(400, `the body is not JSON: ${cut(plain(error.message), 120)}`);
  }
}
