import { UNSEEN } from './plain-text.ts';

/** What a comparison by the rules of a language passes over, and a text in that language needs. A tab, to be sure. */
const PASSED_OVER = String.raw`\p{M}\t\u0640\u07fa\u180a\u1cd3\ufe73`;

/**
 * What runners obey anywhere in a line: `##[command]` (GitHub's, ActionCommand.cs in actions/runner), `##vso[command]`
 * (Azure's), `##teamcity[command]`. At the end of a text the bracket may be that of a colour which follows.
 */
const COMMAND = new RegExp(
  String.raw`(#[${PASSED_OVER}]*)#(?=[\w${PASSED_OVER}]*(?:\[|$)|[${PASSED_OVER}]*v[${PASSED_OVER}]*s[${PASSED_OVER}]*o)`,
  'gu',
);

/** What GitHub's runner obeys where a line begins with it; it skips the space before it. */
const COMMAND_LINE = new RegExp(String.raw`^([\s\ufffd${PASSED_OVER}]*:[${PASSED_OVER}]*):`, 'u');

/** How a path begins that is a command, or becomes one with the colons that follow it. */
const COMMAND_PATH = new RegExp(String.raw`^[\s\ufffd${PASSED_OVER}]*(?::|#[${PASSED_OVER}]*#)`, 'u');

/** printable keeps what stands in a file from speaking to a terminal, or to the runner of a pipeline that prints it. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (char) => (char === '\t' ? char : '\ufffd')).replaceAll(COMMAND, '$1\ufffd');
}

/** printableLine is printable for a whole line: what stands at its beginning is no command either. */
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
 * printableJson writes a value as JSON that a terminal and a runner only show: what would speak to them is escaped, so
 * whoever parses it gets the value as it was.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replaceAll(UNSEEN, (char) => (char === '\n' ? char : escaped(char)))
    .replaceAll(COMMAND, `$1${escaped('#')}`);
}

function escaped(char: string): string {
  const units = Array.from({ length: char.length }, (_, i) => char.charCodeAt(i).toString(16).padStart(4, '0'));
  return units.map((unit) => `\\u${unit}`).join('');
}
