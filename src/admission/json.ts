import { BadRequest } from './bad-request.ts';
import { isTooDeep } from './nesting.ts';
import { cut, plain } from './plain-text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * parseJson reads the JSON of a body. Plain JSON.parse makes `__proto__` a property like any other, which as the key of a
 * label it may be. Throws BadRequest.
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) throw new BadRequest(400, 'the body is empty, expected an AdmissionReview');
  if (isTooDeep(body)) throw new BadRequest(400, 'the body nests lists and objects deeper than any object does');
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    // V8 quotes the body around the place.
    const problem = error instanceof SyntaxError ? cut(plain(error.message), 120) : 'not valid UTF-8';
    throw new BadRequest(400, `the body is not JSON: ${problem}`);
  }
}
