interface Piece {
  /** Stands for the piece in the text of what it is a part of. */
  readonly text: string;
  readonly value: object;
}

/**
 * Sharing makes equal lists and objects within JSON one and the same. Whoever copies that, as messages between threads
 * are, copies each once.
 */
export class Sharing {
  private readonly known = new Map<string, Piece>();

  /** How many different lists and objects there are in all that was shared. */
  get pieces(): number {
    return this.known.size;
  }

  /** share returns an equal value, of which equal parts are the same; it changes the value that it was given. */
  share(value: unknown): unknown {
    return isContainer(value) ? this.pieceOf(value).value : value;
  }

  private pieceOf(value: Record<string, unknown> | unknown[]): Piece {
    const text = Array.isArray(value) ? `[${this.texts(value).join()}]` : `{${this.entries(value).join()}}`;
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const piece = { text: `#${this.known.size}`, value };
    this.known.set(text, piece);
    return piece;
  }

  private texts(list: unknown[]): readonly string[] {
    return list.map((item, i) => {
      if (!isContainer(item)) return JSON.stringify(item);
      const { text, value } = this.pieceOf(item);
      list[i] = value;
      return text;
    });
  }

  private entries(object: Record<string, unknown>): readonly string[] {
    return Object.entries(object).map(([key, item]) => {
      if (!isContainer(item)) return `${JSON.stringify(key)}:${JSON.stringify(item)}`;
      const { text, value } = this.pieceOf(item);
      object[key] = value;
      return `${JSON.stringify(key)}:${text}`;
    });
  }
}

function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
  return typeof value === 'object' && value !== null;
}
