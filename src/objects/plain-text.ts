/**
 * UNSEEN is what moves a cursor, breaks or turns a line, or is not seen at all. The last matter to more than eyes: a runner
 * that compares by the rules of a language finds its own words in a text with invisible characters in between.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** PASSED_OVER is what a comparison by the rules of a language passes over, and a text in it needs. A tab, to be sure. */
export const PASSED_OVER = String.raw`\p{M}\t\u0640\u07fa\u180a\u1cd3\ufe73`;

/**
 * COMMAND is what runners obey anywhere in a line: `##[command]` (GitHub's, ActionCommand.cs in actions/runner), `##vso[command]`
 * (Azure's), `##teamcity[command]`. At the end of a text the bracket may be that of a colour which follows.
 */
export const COMMAND = new RegExp(
  String.raw`(#[${PASSED_OVER}]*)#(?=[\w${PASSED_OVER}]*(?:\[|$)|[${PASSED_OVER}]*v[${PASSED_OVER}]*s[${PASSED_OVER}]*o)`,
  'gu',
);

const STRETCH = new RegExp(`${UNSEEN.source}+`, UNSEEN.flags);

/**
 * plain replaces what is not to be in a message, each stretch of it by a space: values of objects may hold anything, and the
 * API server drops a warning that holds a control character, or is not valid UTF-8. Nor is it a command to the runner of a
 * pipeline, which reads what kubectl prints.
 */
export function plain(text: string): string {
  return text.replace(STRETCH, ' ').replaceAll(COMMAND, '$1\ufffd');
}

/** cut shortens a text to `length` UTF-16 units, ending in three dots, and parts no pair of them. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3).replace(/\p{Cs}$/u, '')}...`;
}

/** cutMiddle shortens a text to `length` UTF-16 units, with three dots in its middle, and parts no pair of them. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const ending = Math.floor((length - 3) / 2);
  const beginning = length - 3 - ending;
  return `${text.slice(0, beginning).replace(/\p{Cs}$/u, '')}...${text.slice(-ending).replace(/^\p{Cs}/u, '')}`;
}
