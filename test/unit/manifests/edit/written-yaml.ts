import { blockYaml } from '../../../../src/objects/block-yaml.ts';
import { isObject } from '../../../../src/objects/fields.ts';

/** WrittenLine is a line of a text, and the path of the innermost value that it writes a part of. */
export interface WrittenLine {
  readonly text: string;
  readonly path: readonly (string | number)[];
}

/** Hand decides how somebody writes: the next number below `choices`. */
export type Hand = (choices: number) => number;

/** writeYaml writes a value as people do: block and flow style, comments, quotes and indentations as they come. */
export function writeYaml(value: unknown, hand: Hand): readonly WrittenLine[] {
  return new Scribe(hand).block(value, []);
}

type Path = readonly (string | number)[];

class Scribe {
  private readonly hand: Hand;
  private readonly step: number;
  private readonly dash: number;

  constructor(hand: Hand) {
    this.hand = hand;
    this.step = [2, 4, 3][hand(3)] ?? 2;
    this.dash = [0, 2, 4][hand(3)] ?? 0;
  }

  /** The lines of a list or an object, not indented. */
  block(value: unknown, path: Path): readonly WrittenLine[] {
    const parts = Array.isArray(value)
      ? value.map((item: unknown, i) => this.item(item, [...path, i]))
      : Object.entries(isObject(value) ? value : {}).map(([key, item]) => this.pair(key, item, [...path, key]));
    return parts.flatMap((lines, i) => (i === 0 ? lines : [...this.comments(path), ...lines]));
  }

  private pair(key: string, value: unknown, path: Path): readonly WrittenLine[] {
    const name = this.key(key);
    if (!isFilled(value) || this.hand(5) === 0) {
      return [{ text: `${name}:${this.spaces()}${this.flow(value)}${this.comment()}`, path }];
    }
    const width = Array.isArray(value) ? this.dash : this.step;
    return [
      { text: `${name}:${this.comment()}`, path },
      ...this.comments(path),
      ...indented(width, this.block(value, path)),
    ];
  }

  private item(value: unknown, path: Path): readonly WrittenLine[] {
    if (!isFilled(value) || this.hand(5) === 0) {
      return [{ text: `-${this.spaces()}${this.flow(value)}${this.comment()}`, path }];
    }
    if (this.hand(6) === 0) {
      return [{ text: `-${this.comment()}`, path }, ...this.comments(path), ...indented(2, this.block(value, path))];
    }
    const [first, ...others] = this.block(value, path);
    const gap = this.spaces();
    return [{ text: `-${gap}${first?.text ?? ''}`, path: first?.path ?? path }, ...indented(1 + gap.length, others)];
  }

  private flow(value: unknown): string {
    if (Array.isArray(value)) return `[${this.pad(value.map((item) => this.flow(item)).join(', '))}]`;
    if (!isObject(value)) return this.scalar(value);
    return `{${this.pad(
      Object.entries(value)
        .map(([key, item]) => `${this.key(key)}: ${this.flow(item)}`)
        .join(', '),
    )}}`;
  }

  private key(key: string): string {
    return this.hand(8) === 0 ? JSON.stringify(key) : (blockYaml(key)[0] ?? '');
  }

  private scalar(value: unknown): string {
    if (typeof value !== 'string') return JSON.stringify(value);
    return [blockYaml(value)[0] ?? '', JSON.stringify(value), `'${value.replaceAll("'", "''")}'`][this.hand(3)] ?? '';
  }

  private pad(text: string): string {
    return this.hand(2) === 0 || text === '' ? text : ` ${text} `;
  }

  private spaces(): string {
    return this.hand(6) === 0 ? '   ' : ' ';
  }

  private comment(): string {
    return this.hand(5) === 0 ? `  # because ${this.hand(1000)}` : '';
  }

  private comments(path: Path): readonly WrittenLine[] {
    if (this.hand(4) > 0) return [];
    return [{ text: this.hand(3) === 0 ? '' : `# note ${this.hand(1000)}`, path }];
  }
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

function indented(width: number, lines: readonly WrittenLine[]): readonly WrittenLine[] {
  return lines.map((line) => (line.text === '' ? line : { ...line, text: ' '.repeat(width) + line.text }));
}
