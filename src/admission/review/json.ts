import { cut, plain } from '../../objects/plain-text.ts';
import { BadRequest, UnreadableReview } from './bad-request.ts';
import { isNestedTooDeep, isTooDeep } from './nesting.ts';
import { dropPassedOn } from './passed-on.ts';

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');
/** What the lenient decoder writes for invalid UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * parseJson reads the JSON of a body. Plain JSON.parse makes `__proto__` a property like any other, which may be the
 * key of a label. Throws BadRequest.
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) throw new BadRequest(400, 'the body is empty, expected an AdmissionReview');
  const text = strictText(body);
  const isDeep = isTooDeep(body);
  const parsed = parse(text ?? lenient.decode(body));
  if (text !== undefined && !isDeep) return parsed;
  // The author of data that is passed on must not bypass a webhook with it, nor be blocked forever.
  dropPassedOn(parsed);
  if (isDeep) demandShallow(parsed);
  if (text === undefined) demandUtf8(parsed);
  return parsed;
}

function strictText(body: Uint8Array): string | undefined {
  try {
    return strict.decode(body);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the body around the place.
    const problem = error instanceof SyntaxError ? cut(plain(error.message), 120) : 'it is too large';
    throw new BadRequest(400, `the body is not JSON: ${problem}`);
  }
}

function demandShallow(parsed: unknown): void {
  if (!isNestedTooDeep(parsed)) return;
  throw new UnreadableReview(400, 'the body nests lists and objects deeper than any object does');
}

function demandUtf8(parsed: unknown): void {
  if (!JSON.stringify(parsed).includes(REPLACEMENT)) return;
  throw new UnreadableReview(400, 'the body is not JSON: not valid UTF-8');
}
