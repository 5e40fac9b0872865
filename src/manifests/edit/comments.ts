import { Lexer } from 'yaml';
import { NotEditable } from './not-editable.ts';
import type { Splice } from './splice.ts';

/** Lexemes without text: start of a document, unterminated flow collection, scalar follows. */
const SCALAR = '\u001f';
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['\u0002', '\u0018', SCALAR]);

/** Comments tracks the comments of a document during an edit, so that none is deleted. */
export class Comments {
  /** The offset of each, in order. */
  private readonly offsets: readonly number[];
  private readonly moved = new Set<number>();

  /** `offsets` are those of commentsIn. */
  constructor(offsets: readonly number[]) {
    this.offsets = offsets;
  }

  /** move records that the text between two offsets is written at another place, so that it may be deleted here. */
  move(start: number, end: number): void {
    for (const offset of this.between(start, end)) this.moved.add(offset);
  }

  /** demandKept throws NotEditable if a splice deletes a comment that was not moved. */
  demandKept(splices: readonly Splice[], path: string): void {
    const deleted = splices.flatMap(({ start, end }) => this.between(start, end));
    if (!deleted.every((offset) => this.moved.has(offset))) {
      throw new NotEditable(path, 'has comments that would be lost');
    }
  }

  private between(start: number, end: number): readonly number[] {
    const from = this.indexAt(start);
    return this.offsets.slice(from, Math.max(from, this.indexAt(end)));
  }

  /** The index of the first comment at or after an offset. */
  private indexAt(offset: number): number {
    let [low, high] = [0, this.offsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** commentsIn returns the offsets of the comments of a document, in order. */
export function commentsIn(text: string): readonly number[] {
  const offsets: number[] = [];
  let at = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === SCALAR) isScalar = true;
    if (WITHOUT_TEXT.has(lexeme)) continue;
    if (!isScalar && lexeme.startsWith('#')) offsets.push(at);
    isScalar = false;
    at += lexeme.length;
  }
  return offsets;
}
