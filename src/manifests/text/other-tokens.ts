import { Lexer } from 'yaml';

/** OtherToken is a place where kubectl would split a text differently. */
export interface OtherToken {
  readonly message: string;
  /** In UTF-16 units from the text's start. */
  readonly at: number;
}

/** Lexemes without text: a document's content begins, a flow collection is broken off, a scalar comes. */
const CONTENT = '\u0002';
const BROKEN_OFF = '\u0018';
const SCALAR = '\u001f';
const WITHOUT_TEXT: ReadonlySet<string> = new Set([CONTENT, BROKEN_OFF, SCALAR]);

interface Token {
  readonly text: string;
  /** Whether it is the content of a plain or a block scalar. */
  readonly scalar: boolean;
}

/** Where a token is. */
interface Place {
  /** Whether it is within brackets or braces. */
  readonly inFlow: boolean;
  /** The one before it, white space and comments aside. */
  readonly before: Token;
  readonly source: string;
  /** Its end in the source. */
  readonly end: number;
}

/**
 * findOtherToken returns the first token that the scanner in kubectl (scannerc.go of go.yaml.in/yaml/v2, YAML 1.1)
 * would split differently from the parser here (YAML 1.2), so that kubectl would read other content. `original` is the
 * text before its old line breaks were replaced, each by one character.
 */
export function findOtherToken(text: string, original: string): OtherToken | undefined {
  let at = 0;
  let depth = 0;
  let scalar = false;
  let before: Token = { text: '', scalar: false };
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === SCALAR) scalar = true;
    if (WITHOUT_TEXT.has(lexeme)) continue;
    const token = { text: lexeme, scalar };
    const end = at + lexeme.length;
    const place = { inFlow: depth > 0, before, source: text, end };
    const message = problemOf(token, place) ?? oldBreak(token, original.slice(at, end));
    if (message !== undefined) return { message, at };
    depth += deeper(token);
    if (scalar || !/^[\s#]/.test(lexeme)) before = token;
    scalar = false;
    at = end;
  }
  return undefined;
}

function deeper({ text, scalar }: Token): number {
  if (scalar) return 0;
  if (text === '[' || text === '{') return 1;
  return text === ']' || text === '}' ? -1 : 0;
}

function problemOf(token: Token, place: Place): string | undefined {
  const { text, scalar } = token;
  if (scalar) return place.inFlow ? flowText(text) : blockText(place);
  switch (text.charAt(0)) {
    case ':':
      return colon(place);
    case '&':
    case '*':
      return anchorName(text);
    case '!':
      return tag(place);
    case '"':
    case "'":
      return quotedText(text);
    default:
      return undefined;
  }
}

function colon(place: Place): string | undefined {
  if (!place.inFlow || !place.before.scalar || isBlankBehind(place)) return undefined;
  return 'kubectl treats this ":" as part of the text before it; write a space after it';
}

function anchorName(text: string): string | undefined {
  if (/^.[\w-]+$/.test(text)) return undefined;
  return 'kubectl accepts only letters, digits, "_" and "-" in the name of an anchor';
}

function tag(place: Place): string | undefined {
  if (isBlankBehind(place)) return undefined;
  return 'kubectl reads a tag up to the next white space; write a space after it';
}

/** White space, or the end. */
function isBlankBehind({ source, end }: Place): boolean {
  return /^\s?$/.test(source.charAt(end));
}

function flowText(text: string): string | undefined {
  if (text.startsWith(':'))
    return 'kubectl treats this ":" as the end of a key; quote the text, or write a space after ":"';
  if (text.includes('?')) return 'kubectl treats a "?" within brackets and braces as the mark of a key; quote the text';
  return undefined;
}

/** Empty lines at the end that are longer than an indentation given as a number are dropped here, and kept in kubectl. */
function blockText({ before, source, end }: Place): string | undefined {
  if (before.scalar || !/^[|>].*\d/.test(before.text)) return undefined;
  const isBlank = (at: number) => /^[ \t\n]$/.test(source.charAt(at));
  let [from, to] = [end, end];
  while (isBlank(from - 1)) from -= 1;
  while (isBlank(to)) to += 1;
  const lines = source.slice(from, to === source.length ? to : source.lastIndexOf('\n', to - 1) + 1);
  const first = lines.indexOf('\n');
  if (first < 0 || !/[ \t]/.test(lines.slice(first))) return undefined;
  return 'kubectl keeps the spaces in the empty lines at the end; remove them';
}

function quotedText(text: string): string | undefined {
  const quote = text.charAt(0);
  const escape = quote === '"' ? /\\[^]/g : /''/g;
  const rest = text.slice(1).replaceAll(escape, '');
  // One that continues too far left is cut off at the end of a line, and an escaped quote there is treated as its end.
  if (rest === '' || rest.indexOf(quote) !== rest.length - 1) return `missing closing ${quote}quote`;
  if (quote === '"' && /(?<!\\)(\\\\)*\\\n[ \t]*\n/.test(text))
    return 'kubectl keeps the empty line after this "\\"; write "\\n"';
  return undefined;
}

/** In a string, kubectl keeps two of the old line breaks, and in JSON all three. */
function oldBreak({ text, scalar }: Token, original: string): string | undefined {
  const found = scalar || /^["']/.test(text) ? /[\u0085\u2028\u2029]/.exec(original)?.[0] : undefined;
  if (found === undefined) return undefined;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `the character U+${code} within a text is a line break to some and none to others; write it as an escape`;
}
