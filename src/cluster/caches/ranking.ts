/** Ranked is one policy in its ranking. */
export interface Ranked {
  readonly name: string;
  /** In bytes. */
  readonly weight: number;
  /** Holds for those that netpol-guard manages: they come first. */
  readonly managed: boolean;
}

/** Shift is the policies that now fit, and those that no longer do. */
export interface Shift {
  readonly taken: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Ranking decides which of a namespace's policies fit a limit: the managed ones, then the lightest, and of equal ones by
 * name, for as long as their sum is within it. So the same policies give the same answer, in whatever order they came and
 * went, and only smaller policies can crowd out a small one.
 */
export class Ranking {
  private readonly sorted: Ranked[];
  /** So many of the first fit, */
  private count: number;
  /** and weigh so much. */
  private sum: number;

  /** All fit until `fit` is asked. */
  constructor(ranked: Iterable<Ranked>) {
    this.sorted = [...ranked].sort(compare);
    this.count = this.sorted.length;
    this.sum = this.sorted.reduce((sum, { weight }) => sum + weight, 0);
  }

  add(ranked: Ranked): void {
    const at = this.placeOf(ranked);
    this.sorted.splice(at, 0, ranked);
    if (at >= this.count) return;
    this.count += 1;
    this.sum += ranked.weight;
  }

  delete(ranked: Ranked): void {
    const at = this.placeOf(ranked);
    this.sorted.splice(at, 1);
    if (at >= this.count) return;
    this.count -= 1;
    this.sum -= ranked.weight;
  }

  /** fit computes the limit again, and returns which policies crossed it since the last time. */
  fit(limit: number): Shift {
    const dropped: string[] = [];
    const taken: string[] = [];
    for (let last = this.sorted[this.count - 1]; last !== undefined && this.sum > limit; ) {
      this.count -= 1;
      this.sum -= last.weight;
      dropped.push(last.name);
      last = this.sorted[this.count - 1];
    }
    for (let next = this.sorted[this.count]; next !== undefined && this.sum + next.weight <= limit; ) {
      this.count += 1;
      this.sum += next.weight;
      taken.push(next.name);
      next = this.sorted[this.count];
    }
    return { taken, dropped };
  }

  /** fits holds if a ranked policy is within the limit. */
  fits(ranked: Ranked): boolean {
    return this.placeOf(ranked) < this.count;
  }

  /** dropped names those that do not fit. */
  dropped(): readonly string[] {
    return this.sorted.slice(this.count).map(({ name }) => name);
  }

  /** Where it is, or belongs. */
  private placeOf(ranked: Ranked): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.sorted[middle] as Ranked, ranked) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Ranked, b: Ranked): number {
  if (a.managed !== b.managed) return a.managed ? -1 : 1;
  return a.weight - b.weight || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
