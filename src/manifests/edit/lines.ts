import type { Splice } from './splice.ts';

/** lineStart returns the start of the line of an offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** lineEnd returns the end of the line of an offset, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  if (at < 0) return text.length;
  return at > offset && text.charAt(at - 1) === '\r' ? at - 1 : at;
}

/** nextLine returns the start of the line after that of an offset; the end of the text if there is none. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at + 1;
}

/** columnOf counts the characters before an offset in its line, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** beginsLine holds if only spaces are before an offset in its line. */
export function beginsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** breakAt returns the line break at the end of an offset's line, or the one before it if the text ends without. */
export function breakAt(text: string, offset: number): string {
  const after = text.indexOf('\n', offset);
  const at = after < 0 ? text.lastIndexOf('\n') : after;
  return at > 0 && text.charAt(at - 1) === '\r' ? '\r\n' : '\n';
}

/** withoutLastBreak moves the end of a part before the line break that it ends with, if there is one. */
export function withoutLastBreak(text: string, end: number): number {
  if (text.charAt(end - 1) !== '\n') return end;
  return text.charAt(end - 2) === '\r' ? end - 2 : end - 1;
}

/** lineCut is the splice that removes the lines from one offset to another. */
export function lineCut(text: string, from: number, to: number): Splice {
  return { start: lineStart(text, from), end: nextLine(text, to), text: '' };
}
