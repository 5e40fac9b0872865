import { type Document, isScalar, parseAllDocuments, type YAMLError } from 'yaml';
import { decodeYaml } from './decode-yaml.ts';
import { type DecodedDocument, UnreadableDocument } from './located.ts';
import { findOtherToken } from './other-tokens.ts';
import type { Chunk } from './split-documents.ts';

/** What libyaml's reader refuses anywhere (readerc.go): control characters and lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufeff\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Line breaks of YAML 1.1 that YAML 1.2 lacks: kubectl ends a comment at them. One character each, like the `\n` that
 * takes their place, so that offsets hold.
 */
const OLD_BREAKS = /\r(?!\n)|[\u0085\u2028\u2029]/g;

/**
 * The longest document that is read, in UTF-16 units. An API server takes 3 MiB as one object (MaxRequestBodyBytes);
 * a parsed document takes up to two hundred times its size in memory.
 */
const DOCUMENT_MAX = 4 * 1024 * 1024;

/** readDocument parses and decodes one document; undefined if it contains only comments. Throws UnreadableDocument. */
export function readDocument(chunk: Chunk): DecodedDocument | undefined {
  if (chunk.problem !== undefined) throw new UnreadableDocument(chunk.problem, chunk.offset);
  if (chunk.text.length > DOCUMENT_MAX) {
    throw new UnreadableDocument(`is longer than ${DOCUMENT_MAX / 1024 / 1024} MiB; split it`, chunk.offset);
  }
  const unprintable = UNPRINTABLE.exec(chunk.text);
  const mark = chunk.text.indexOf('\ufeff', chunk.offset > 0 && chunk.text.startsWith('\n\ufeff') ? 2 : 0);
  if (mark >= 0) throw new UnreadableDocument('there is a byte order mark within the text', chunk.offset + mark);
  if (unprintable !== null) {
    const code = (unprintable[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new UnreadableDocument(`the character U+${code} is not allowed in YAML`, chunk.offset + unprintable.index);
  }
  try {
    const text = withPlainBreaks(chunk.text);
    return decode(parseYaml(text), text, chunk);
  } catch (error) {
    // Thousands of brackets within each other overflow the stack.
    if (error instanceof RangeError) throw new UnreadableDocument('is nested too deeply', chunk.offset);
    throw error;
  }
}

/** withPlainBreaks returns the text with a `\n` for each line break that YAML 1.2 does not know; offsets hold. */
export function withPlainBreaks(text: string): string {
  return text.replaceAll(OLD_BREAKS, '\n');
}

/** parseYaml parses a text with plain breaks into documents of nodes, each scalar as it is written. */
export function parseYaml(
  text: string,
  options: { readonly keepSourceTokens?: boolean } = {},
): readonly Document.Parsed[] {
  return [
    ...parseAllDocuments(text, {
      version: '1.1',
      schema: 'failsafe',
      resolveKnownTags: false,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      ...options,
    }),
  ];
}

function decode(documents: readonly Document.Parsed[], text: string, chunk: Chunk): DecodedDocument | undefined {
  const [document, ...others] = documents;
  if (document === undefined) return undefined;
  const [error] = document.errors;
  if (error !== undefined) throw new UnreadableDocument(sentence(error), chunk.offset + error.pos[0]);
  const unread = others.find((other) => !isEmpty(other) || other.errors.length > 0);
  if (unread !== undefined) {
    const at = unread.range?.[0] ?? chunk.text.length;
    throw new UnreadableDocument(
      'kubectl reads nothing after "..."; begin a new document with "---"',
      chunk.offset + at,
    );
  }
  const other = findOtherToken(text, chunk.text);
  if (other !== undefined) throw new UnreadableDocument(other.message, chunk.offset + other.at);
  return isEmpty(document) ? undefined : decodeYaml(document.contents, chunk.offset);
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === '' && contents.source === '');
}

/** sentence adapts the parser's message: first line, lower case, no full stop. */
function sentence(error: YAMLError): string {
  const [first = ''] = error.message.split('\n');
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/\.$/, '');
}
