/** Position is a place in a file: lines from 1, columns from 1 in code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The same in UTF-16 units from the file's start. */
  readonly offset: number;
}

/** Excerpt is a line, or the surroundings of a place in a very long one. */
export interface Excerpt {
  readonly text: string;
  /** The text before the place; it has the width that a caret needs. */
  readonly before: string;
}

/** How much of a line an excerpt shows, in UTF-16 units: a minified file has but one line. */
const EXCERPT_MAX = 160;
const EXCERPT_BEFORE = 100;

/** SourceText is the text of one file with an index of its lines. */
export class SourceText {
  /** As the user named it, or `<stdin>`. */
  readonly file: string;
  readonly text: string;
  private lineStarts: readonly number[] | undefined;
  private counted = { start: 0, offset: 0, points: 0 };

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** positionAt turns an offset in UTF-16 units into a position. */
  positionAt(offset: number): Position {
    const starts = this.starts();
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const start = starts[low] ?? 0;
    return { line: low + 1, column: this.pointsBetween(start, offset) + 1, offset };
  }

  /** excerptAt returns the line around an offset. */
  excerptAt(offset: number): Excerpt {
    const { line } = this.positionAt(offset);
    const starts = this.starts();
    const lineStart = starts[line - 1] ?? 0;
    const lineEnd = (starts[line] ?? this.text.length + 1) - 1;
    const long = lineEnd - lineStart > EXCERPT_MAX;
    const from = long ? Math.max(lineStart, offset - EXCERPT_BEFORE) : lineStart;
    const to = Math.min(lineEnd, from + EXCERPT_MAX);
    return { text: this.text.slice(from, to).replace(/\r$/, ''), before: this.text.slice(from, offset) };
  }

  /** Positions are mostly asked for in order, so counting goes on from the last one: a line may be megabytes long. */
  private pointsBetween(start: number, offset: number): number {
    const { counted } = this;
    const from = counted.start === start && counted.offset <= offset ? counted : { start, offset: start, points: 0 };
    let points = from.points;
    for (let at = from.offset; at < offset; at += (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) points += 1;
    this.counted = { start, offset, points };
    return points;
  }

  private starts(): readonly number[] {
    if (this.lineStarts === undefined) {
      const starts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
      this.lineStarts = starts;
    }
    return this.lineStarts;
  }
}
