import { COMMAND, PASSED_OVER, UNSEEN } from './plain-text.ts';

/** What GitHub's runner obeys at the start of a line; it skips the space before it. */
const COMMAND_LINE = new RegExp(String.raw`^([\s\ufffd${PASSED_OVER}]*:[${PASSED_OVER}]*):`, 'u');

/** The beginning of a path that is a command, or becomes one with the colons that follow it. */
const COMMAND_PATH = new RegExp(String.raw`^[\s\ufffd${PASSED_OVER}]*(?::|#[${PASSED_OVER}]*#)`, 'u');

/** printable keeps the text of a file from controlling a terminal, or the runner of a pipeline that prints it. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (char) => (char === '\t' ? char : '\ufffd')).replaceAll(COMMAND, '$1\ufffd');
}

/** printableLine is printable for a whole line: its beginning is not a command either. */
export function printableLine(text: string): string {
  return printable(text).replace(COMMAND_LINE, '$1\ufffd');
}

/** printableLines is the same for each line of a text. */
export function printableLines(text: string): string {
  return text.split('\n').map(printableLine).join('\n');
}

/** printablePath shows the path of a file: one that begins as a command does is written from the current folder. */
export function printablePath(path: string): string {
  const shown = printable(path);
  return COMMAND_PATH.test(shown) ? `./${shown}` : shown;
}

/**
 * printableJson writes a value as JSON that a terminal and a runner only show: anything that they would interpret is
 * escaped, so a parser gets the same value.
 */
export function printableJson(value: unknown): string {
  return printableJsonText(JSON.stringify(value, undefined, 2));
}

/** printableJsonText is the same for JSON text, in one line or in many. */
export function printableJsonText(json: string): string {
  return withEscapes(json, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${hex(char.charCodeAt(i), 4)}`).join(''),
  );
}

/**
 * printableYamlText is the same for YAML in which everything that needs an escape is in double quotes. YAML has no
 * surrogate pairs: what JSON writes as two halves is one character.
 */
export function printableYamlText(yaml: string): string {
  return withEscapes(yaml, (char) => `\\U${hex(char.codePointAt(0) ?? 0, 8)}`);
}

/** Printable ASCII without `#`: nearly every line of a log, and the test takes a quarter of the time of the search. */
const HARMLESS = /^[\n\t -"$-~]*$/;

/** Raw line breaks and tabs are layout; those of its values have escapes already, or are meant to be read. */
function withEscapes(text: string, escape: (char: string) => string): string {
  if (HARMLESS.test(text)) return text;
  return text
    .replaceAll(UNSEEN, (char) => (char === '\n' || char === '\t' ? char : escape(char)))
    .replaceAll(COMMAND, (_, before: string) => `${before}${escape('#')}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
