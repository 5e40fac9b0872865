/** Position is a place in a file: lines from 1, columns from 1 in code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** SourceText is the text of one file with an index of its lines. */
export class SourceText {
  /** As the user named it, or `<stdin>`. */
  readonly file: string;
  readonly text: string;
  private lineStarts: readonly number[] | undefined;

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
    const before = this.text.slice(starts[low] ?? 0, offset);
    return { line: low + 1, column: [...before].length + 1 };
  }

  /** line returns the text of a line, counted from 1, without its line break. */
  line(number: number): string {
    const starts = this.starts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '');
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
