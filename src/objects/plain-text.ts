/**
 * UNSEEN is what moves a cursor, breaks or turns a line, or is not seen at all. The last matter to more than eyes: a runner
 * that compares by the rules of a language finds its own words in a text with invisible characters in between.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const STRETCH = new RegExp(`${UNSEEN.source}+`, UNSEEN.flags);

/**
 * plain replaces what is not to be in a message, each stretch of it by a space: values of objects may hold anything, and the
 * API server drops a warning that holds a control character, or is not valid UTF-8.
 */
export function plain(text: string): string {
  return text.replace(STRETCH, ' ');
}

/** cut shortens a text to `length` UTF-16 units, ending in three dots, and parts no pair of them. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3).replace(/\p{Cs}$/u, '')}...`;
}
