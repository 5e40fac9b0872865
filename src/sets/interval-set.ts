/**
 * IntervalSet is an immutable set of integers, kept as sorted half-open intervals that neither overlap nor touch.
 * Half-open bounds make adjacency a plain equality, so one implementation serves numbers (ports, IPv4) and bigints (IPv6).
 */
export class IntervalSet<T extends number | bigint> {
  /** Bounds in ascending order: start, end, start, end, ... where each end is one past the last member. */
  readonly bounds: readonly T[];

  private static readonly none = new IntervalSet<never>([]);

  private constructor(bounds: readonly T[]) {
    this.bounds = bounds;
  }

  static empty<T extends number | bigint>(): IntervalSet<T> {
    return IntervalSet.none;
  }

  /** of returns the set of integers n with start <= n < end; empty if end <= start. */
  static of<T extends number | bigint>(start: T, end: T): IntervalSet<T> {
    return start < end ? new IntervalSet<T>([start, end]) : IntervalSet.empty<T>();
  }

  /** unionAll joins any number of sets in pairs, then those in pairs, so that each bound is walked once a round. */
  static unionAll<T extends number | bigint>(sets: readonly IntervalSet<T>[]): IntervalSet<T> {
    let round = sets.filter((set) => !set.isEmpty);
    while (round.length > 1) {
      const next: IntervalSet<T>[] = [];
      for (let i = 0; i < round.length; i += 2) {
        const [one, other] = [round[i] as IntervalSet<T>, round[i + 1]];
        next.push(other === undefined ? one : one.union(other));
      }
      round = next;
    }
    return round[0] ?? IntervalSet.empty<T>();
  }

  get isEmpty(): boolean {
    return this.bounds.length === 0;
  }

  /** intervals yields each [start, end) in ascending order. */
  *intervals(): Generator<[T, T]> {
    for (let i = 0; i + 1 < this.bounds.length; i += 2) yield [this.bounds[i] as T, this.bounds[i + 1] as T];
  }

  has(value: T): boolean {
    return this.boundsUpTo(value) % 2 === 1;
  }

  /** The number of bounds that are not above the value; odd if the value is inside an interval. */
  private boundsUpTo(value: T): number {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[middle] as T) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  equals(other: IntervalSet<T>): boolean {
    return this.bounds.length === other.bounds.length && this.bounds.every((bound, i) => bound === other.bounds[i]);
  }

  union(other: IntervalSet<T>): IntervalSet<T> {
    if (this.isEmpty) return other;
    if (other.isEmpty) return this;
    return this.combine(other, (a, b) => a || b);
  }

  intersect(other: IntervalSet<T>): IntervalSet<T> {
    if (this.isEmpty || other.isEmpty) return IntervalSet.empty<T>();
    return this.combine(other, (a, b) => a && b);
  }

  subtract(other: IntervalSet<T>): IntervalSet<T> {
    if (other.isEmpty) return this;
    return this.combine(other, (a, b) => a && !b);
  }

  isSubset(other: IntervalSet<T>): boolean {
    return this.subtract(other).isEmpty;
  }

  /** intersects looks each interval of the shorter set up in the longer one. */
  intersects(other: IntervalSet<T>): boolean {
    const [short, long] = this.bounds.length <= other.bounds.length ? [this, other] : [other, this];
    for (let i = 0; i + 1 < short.bounds.length; i += 2) {
      const at = long.boundsUpTo(short.bounds[i] as T);
      if (at % 2 === 1) return true;
      const next = long.bounds[at];
      if (next !== undefined && next < (short.bounds[i + 1] as T)) return true;
    }
    return false;
  }

  /** combine sweeps both bound lists once and keeps the points for which `keep` holds. */
  private combine(other: IntervalSet<T>, keep: (inThis: boolean, inOther: boolean) => boolean): IntervalSet<T> {
    const a = this.bounds;
    const b = other.bounds;
    const bounds: T[] = [];
    let i = 0;
    let j = 0;
    let inside = false;
    while (i < a.length || j < b.length) {
      const nextA = a[i];
      const nextB = b[j];
      const at = nextB === undefined || (nextA !== undefined && nextA <= nextB) ? (nextA as T) : nextB;
      if (nextA === at) i += 1;
      if (nextB === at) j += 1;
      const now = keep(i % 2 === 1, j % 2 === 1);
      if (now !== inside) bounds.push(at);
      inside = now;
    }
    return bounds.length === 0 ? IntervalSet.empty<T>() : new IntervalSet(bounds);
  }
}
