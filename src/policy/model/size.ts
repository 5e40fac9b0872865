import type { Json } from '../../objects/fields.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';

/** Sort is a kind of item that is counted in a policy. */
export type Sort = 'rules' | 'peers' | 'ports' | 'exceptions' | 'selector terms';

/**
 * MOST_ITEMS is how many different items of one sort a policy may have. The largest policies that people generate have
 * some thousand blocks, and an item costs up to 400 bytes for as long as the policy is stored.
 */
export const MOST_ITEMS = 10_000;

/** MOST_TOGETHER is how many items of all sorts a policy may have. */
export const MOST_TOGETHER = 2 * MOST_ITEMS;

/**
 * MOST_LISTED is how many items the lists of one policy may have together, equal ones too. They only cost time. An etcd
 * with its usual limit (`--max-request-bytes`, 1.5 MiB) holds no object whose JSON has more.
 */
export const MOST_LISTED = 524_288;

/** HOW_TO_SHRINK is the advice for a policy that is too large. */
export const HOW_TO_SHRINK = 'write larger blocks and ranges of ports, or split the policy';

/** TooManyItems says that a policy is too large to be read. */
export class TooManyItems extends InvalidObject {
  /** The problem, without what to do. */
  readonly excess: string;

  constructor(found: string, limit: number) {
    const excess = `${found}; ${shown(limit)} is the limit`;
    super('spec', `${excess}: ${HOW_TO_SHRINK}`);
    this.name = 'TooManyItems';
    this.excess = excess;
  }
}

/** ItemCount counts the different items of one policy as they are read. */
export class ItemCount {
  private readonly listed: number;
  private readonly bySort = new Map<Sort, number>();
  private together = 0;

  /** Throws TooManyItems if the lists of the spec have more items than the limit. */
  constructor(spec: Json) {
    this.listed = listedItems(spec);
  }

  /** add counts more items in. Throws TooManyItems past the limits. */
  add(sort: Sort, more: number): void {
    const items = (this.bySort.get(sort) ?? 0) + more;
    this.demandRoom(sort, items);
    this.bySort.set(sort, items);
    this.together += more;
    if (this.together > MOST_TOGETHER) throw this.tooMany('items', MOST_TOGETHER);
  }

  /** demandRoom throws TooManyItems if so many items of one sort are too many even on their own. */
  demandRoom(sort: Sort, items: number): void {
    if (items > MOST_ITEMS) throw this.tooMany(sort, MOST_ITEMS);
  }

  private tooMany(what: string, limit: number): TooManyItems {
    return new TooManyItems(
      `has more than ${shown(limit)} different ${what}, of ${shown(this.listed)} items in all`,
      limit,
    );
  }
}

function shown(count: number): string {
  return count.toLocaleString('en');
}

/** Without recursion: untrusted lists may be nested deeper than the stack allows. */
function listedItems(spec: Json): number {
  let items = 0;
  const waiting: object[] = [spec];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (Array.isArray(value)) items += value.length;
    if (items > MOST_LISTED) {
      throw new TooManyItems(`has lists of more than ${shown(MOST_LISTED)} items together`, MOST_LISTED);
    }
    if (Array.isArray(value)) for (const child of value) keepObject(child, waiting);
    else {
      for (const key in value) {
        if (key === 'matchLabels') items += Object.keys((value as Json)[key] ?? {}).length;
        keepObject((value as Json)[key], waiting);
      }
    }
  }
  return items;
}

function keepObject(value: unknown, waiting: object[]): void {
  if (typeof value === 'object' && value !== null) waiting.push(value);
}
