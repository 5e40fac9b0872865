interface Piece {
  /** Represents the piece in the text of its parent. */
  readonly text: string;
  readonly value: object;
}

/** Kubernetes' own objects have fewer fields; one with more is a table, and each of its keys costs as much. */
const FIELDS = 16;
/** Texts and numbers of a list that cost as much as an object. */
const PLAIN_ITEMS = 4;

/**
 * Sharing makes equal lists and objects within JSON one and the same. A copy of that, as messages between threads
 * are, copies each once.
 */
export class Sharing {
  private readonly known = new Map<string, Piece>();
  private readonly keys = new Set<string>();
  private more = 0;

  /** The number of different lists and objects in everything that was shared. */
  get pieces(): number {
    return this.known.size;
  }

  /** What it costs to copy them, in pieces: different keys, tables and long lists of texts cost as much as pieces do. */
  get cost(): number {
    return this.known.size + this.keys.size + this.more;
  }

  /** share returns an equal value in which equal parts are identical; it changes the given value. */
  share(value: unknown): unknown {
    return isContainer(value) ? this.pieceOf(value).value : value;
  }

  private pieceOf(value: Record<string, unknown> | unknown[]): Piece {
    const text = Array.isArray(value) ? `[${this.texts(value).join()}]` : `{${this.entries(value).join()}}`;
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const piece = { text: `#${this.known.size}`, value };
    this.known.set(text, piece);
    this.count(value);
    return piece;
  }

  private count(value: Record<string, unknown> | unknown[]): void {
    if (Array.isArray(value)) {
      this.more += Math.floor(value.length / PLAIN_ITEMS);
      return;
    }
    const keys = Object.keys(value);
    for (const key of keys) this.keys.add(key);
    this.more += Math.max(0, keys.length - FIELDS);
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
