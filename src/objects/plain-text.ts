/**
 * plain replaces what would move a cursor, break a line or turn the text around: values of objects may hold anything.
 * The API server drops a warning that holds a control character, or is not valid UTF-8.
 */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
}

/** cut shortens a text to `length` UTF-16 units, ending in three dots, and parts no pair of them. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3).replace(/\p{Cs}$/u, '')}...`;
}
