import { VALUE_STEPS } from '../../sets/budget.ts';
import type { LabelSelector, Labels } from '../../sets/label-selector.ts';

/** Spend takes so many steps off a Budget. */
export type Spend = (steps: number) => void;

/** Selected is anything that picks pods by a selector. */
export interface Selected {
  readonly subject: LabelSelector;
}

/**
 * SelectorIndex finds those of many selectors that can pick a common pod with a given one, without looking at all of
 * them: each is filed under one label that it requires (its anchor), such as `app=web`.
 */
export class SelectorIndex<T extends Selected> {
  private readonly anchored = new Map<string, Map<string, Set<T>>>();
  private readonly unanchored = new Set<T>();
  private readonly everything = new Set<T>();

  add(item: T): void {
    const anchor = anchorOf(item.subject);
    if (anchor === undefined) {
      this.unfiled(item).add(item);
      return;
    }
    const byValue = this.anchored.get(anchor.key) ?? new Map<string, Set<T>>();
    const items = byValue.get(anchor.value) ?? new Set();
    this.anchored.set(anchor.key, byValue.set(anchor.value, items.add(item)));
  }

  /** Empty entries are removed too: labels come and go for as long as the process runs. */
  delete(item: T): void {
    const anchor = anchorOf(item.subject);
    if (anchor === undefined) {
      this.unfiled(item).delete(item);
      return;
    }
    const byValue = this.anchored.get(anchor.key);
    const items = byValue?.get(anchor.value);
    items?.delete(item);
    if (items?.size === 0) byValue?.delete(anchor.value);
    if (byValue?.size === 0) this.anchored.delete(anchor.key);
  }

  *all(): Generator<T> {
    yield* this.everything;
    yield* this.unanchored;
    for (const byValue of this.anchored.values()) for (const items of byValue.values()) yield* items;
  }

  /** anyOfEverything returns an item that picks every pod, if there is one besides `except`, a short list. */
  anyOfEverything(except: readonly T[] = []): T | undefined {
    for (const item of this.everything) if (!except.includes(item)) return item;
    return undefined;
  }

  /**
   * matches holds if some item besides `except`, a short list, picks an object with exactly these labels. `spend` is
   * called with of the steps that looking at an item takes.
   */
  matches(labels: Labels, except: readonly T[], spend: Spend): boolean {
    if (this.anyOfEverything(except) !== undefined) return true;
    const picks = (items: Iterable<T> | undefined) => {
      for (const item of items ?? []) {
        spend(VALUE_STEPS);
        if (item.subject.matches(labels) && !except.includes(item)) return true;
      }
      return false;
    };
    if (picks(this.unanchored)) return true;
    for (const [key, value] of labels) if (picks(this.anchored.get(key)?.get(value))) return true;
    return false;
  }

  /** intersecting yields every item that can pick a pod which `selector` picks too. `spend` is called as for `matches`. */
  *intersecting(selector: LabelSelector, spend: Spend): Generator<T> {
    if (selector.isEmpty) return;
    for (const item of this.everything) {
      spend(1);
      yield item;
    }
    yield* matching(this.unanchored, selector, spend);
    for (const [key, byValue] of this.anchored) {
      const wanted = selector.constraints.get(key);
      if (wanted !== undefined && !wanted.complement) {
        for (const value of wanted.values) yield* matching(byValue.get(value), selector, spend);
      } else {
        for (const [value, items] of byValue) {
          spend(1);
          if (wanted?.has(value) ?? true) yield* matching(items, selector, spend);
        }
      }
    }
  }

  private unfiled({ subject }: T): Set<T> {
    return subject.isEverything ? this.everything : this.unanchored;
  }
}

/**
 * A label that a selector requires. One of several values (`In [a, b]`) would be found twice, so it is not an anchor.
 */
function anchorOf({ constraints }: LabelSelector): { readonly key: string; readonly value: string } | undefined {
  for (const [key, set] of constraints) {
    const [value] = set.values;
    if (!set.complement && !set.absent && set.values.size === 1 && value !== undefined) return { key, value };
  }
  return undefined;
}

function* matching<T extends Selected>(
  items: Iterable<T> | undefined,
  selector: LabelSelector,
  spend: Spend,
): Generator<T> {
  for (const item of items ?? []) {
    spend(VALUE_STEPS * (1 + Math.min(item.subject.weight, selector.weight)));
    if (item.subject.intersects(selector)) yield item;
  }
}
