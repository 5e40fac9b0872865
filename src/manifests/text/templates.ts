import type { Json } from '../../objects/fields.ts';
import { type DecodedDocument, UnreadableDocument } from './located.ts';
import { type Opened, openLists } from './open-lists.ts';
import { isOurs } from './policy-kinds.ts';
import { readDocument, withPlainBreaks } from './read-document.ts';
import type { Chunk } from './split-documents.ts';

/** What takes the place of an action while the rest is read: YAML allows it, and no manifest holds it. */
const HOLE = '\ue000';

/** Comments, and then an action. To a YAML parser it is an object whose key is an object, which kubectl refuses. */
const BEGINS_WITH_ACTION = /^(?:[ \t\r\n]|#[^\n]*\n)*\{\{/;

/** What an action may hide from one who takes it out: another line, a comment, a key. `:=` assigns. */
const HIDES = /[\n#]|:(?!=)/;

/** isTemplated holds where an action of a template is within a value: as it is written it means nothing. */
export function isTemplated(value: Json): boolean {
  return JSON.stringify(value).includes('{{');
}

/**
 * mayMakePolicies tells whether a template that is no YAML may become a NetworkPolicy, by what can be read of it without its
 * actions. What cannot be read then, or has no kind, may become anything.
 */
export function mayMakePolicies({ text, offset }: Chunk): boolean {
  if (text.includes(HOLE)) return true;
  try {
    const document = readDocument({ text: withoutActions(withPlainBreaks(text)), offset });
    // Only actions and comments are left. They may print a policy, and say which helper does.
    return document === undefined ? /NetworkPolicy/i.test(text) : holdsPolicies(document);
  } catch (error) {
    if (error instanceof UnreadableDocument) return true;
    throw error;
  }
}

function holdsPolicies(document: DecodedDocument): boolean {
  const objects = openLists(document);
  const isKindDoubtful = document.repeatedKeys.some(({ key, within }) => key === 'kind' && within.length === 0);
  return objects.length === 0 || isKindDoubtful || objects.some(mayBePolicy);
}

/** mayBePolicy holds for objects of our kinds, for those that hold some, and for those whose kind a template decides. */
export function mayBePolicy(object: Opened): boolean {
  const { kind, holds } = object;
  return kind === '' || /\{\{|\ue000/.test(kind) || holds.length > 0 || isOurs(object);
}

/**
 * To kubectl, what looks like an action may be the end of one comment and the beginning of another, with a manifest between them.
 * One that may hide something is only taken out where kubectl refuses the document anyway.
 */
function withoutActions(text: string): string {
  const isRefused = BEGINS_WITH_ACTION.test(text);
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', from)) {
    const end = text.indexOf('}}', at);
    if (end < 0) break;
    const action = text.slice(at, end + 2);
    const isOut = isRefused || !HIDES.test(action);
    parts.push(text.slice(from, at), isOut ? action.replaceAll(/[^\n]/g, HOLE) : action);
    from = end + 2;
  }
  return [...parts, text.slice(from)].join('').replaceAll(/^[ \t]*\ue000[\ue000 \t]*$/gm, '');
}
