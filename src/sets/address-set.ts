import { IntervalSet } from './interval-set.ts';

const IPV4_END = 2 ** 32;
const IPV6_END = 2n ** 128n;

/** AddressSet is an immutable set of IPv4 and IPv6 addresses. */
export class AddressSet {
  readonly v4: IntervalSet<number>;
  readonly v6: IntervalSet<bigint>;

  constructor(v4: IntervalSet<number>, v6: IntervalSet<bigint>) {
    this.v4 = v4;
    this.v6 = v6;
  }

  static readonly empty: AddressSet = new AddressSet(IntervalSet.empty(), IntervalSet.empty());

  /** Every address of both families. */
  static readonly all: AddressSet = new AddressSet(IntervalSet.of(0, IPV4_END), IntervalSet.of(0n, IPV6_END));

  static unionAll(sets: readonly AddressSet[]): AddressSet {
    const [first, second] = sets;
    if (first === undefined) return AddressSet.empty;
    if (second === undefined) return first;
    return new AddressSet(
      IntervalSet.unionAll(sets.map((set) => set.v4)),
      IntervalSet.unionAll(sets.map((set) => set.v6)),
    );
  }

  get isEmpty(): boolean {
    return this.v4.isEmpty && this.v6.isEmpty;
  }

  /** How many steps it takes to walk its bounds; one of IPv6 is as much work as five of IPv4. */
  get steps(): number {
    return this.v4.bounds.length + 5 * this.v6.bounds.length;
  }

  /** inFamily returns the addresses of one IP family. */
  inFamily(family: 4 | 6): AddressSet {
    return family === 4 ? new AddressSet(this.v4, IntervalSet.empty()) : new AddressSet(IntervalSet.empty(), this.v6);
  }

  /** The number of addresses of both families. */
  get size(): bigint {
    let total = 0n;
    for (const [start, end] of this.v4.intervals()) total += BigInt(end - start);
    for (const [start, end] of this.v6.intervals()) total += end - start;
    return total;
  }

  equals(other: AddressSet): boolean {
    return this.v4.equals(other.v4) && this.v6.equals(other.v6);
  }

  union(other: AddressSet): AddressSet {
    return new AddressSet(this.v4.union(other.v4), this.v6.union(other.v6));
  }

  intersect(other: AddressSet): AddressSet {
    return new AddressSet(this.v4.intersect(other.v4), this.v6.intersect(other.v6));
  }

  subtract(other: AddressSet): AddressSet {
    if (other.isEmpty) return this;
    return new AddressSet(this.v4.subtract(other.v4), this.v6.subtract(other.v6));
  }

  isSubset(other: AddressSet): boolean {
    return this.v4.isSubset(other.v4) && this.v6.isSubset(other.v6);
  }

  intersects(other: AddressSet): boolean {
    return this.v4.intersects(other.v4) || this.v6.intersects(other.v6);
  }
}
