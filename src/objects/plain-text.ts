/**
 * UNSEEN are characters that move a cursor, break or reverse a line, or are invisible. Invisible ones matter to more
 * than eyes: a runner that compares by the rules of a language finds its own words even with invisible characters in
 * between.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * PASSED_OVER are characters that a comparison by the rules of a language ignores, but that texts in it need. It
 * includes the tab to be safe.
 */
export const PASSED_OVER = String.raw`\p{M}\t\u0640\u07fa\u180a\u1cd3\ufe73`;

/**
 * COMMAND are commands that runners obey anywhere in a line: `##[command]` (GitHub's, ActionCommand.cs in
 * actions/runner), `##vso[command]` (Azure's), `##teamcity[command]`. At the end of a text the bracket may be that of a
 * colour which follows.
 */
export const COMMAND = new RegExp(
  String.raw`(#[${PASSED_OVER}]*)#(?=[\w${PASSED_OVER}]*(?:\[|$)|[${PASSED_OVER}]*v[${PASSED_OVER}]*s[${PASSED_OVER}]*o)`,
  'gu',
);

const STRETCH = new RegExp(`${UNSEEN.source}+`, UNSEEN.flags);

/**
 * plain replaces each run of characters that must not be in a message by a space: values of objects may contain
 * anything, and the API server drops a warning with a control character or invalid UTF-8. The result is not a command
 * to the runner of a pipeline either, which reads what kubectl prints.
 */
export function plain(text: string): string {
  return text.replace(STRETCH, ' ').replaceAll(COMMAND, '$1\ufffd');
}

/** cut shortens a text to `length` UTF-16 units, ending in three dots, without splitting a surrogate pair. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3).replace(/\p{Cs}$/u, '')}...`;
}

/**
 * cutMiddle shortens a text to `length` UTF-16 units, with three dots in its middle, without splitting a surrogate
 * pair.
 */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const ending = Math.floor((length - 3) / 2);
  const beginning = length - 3 - ending;
  return `${text.slice(0, beginning).replace(/\p{Cs}$/u, '')}...${text.slice(-ending).replace(/^\p{Cs}/u, '')}`;
}
