/**
 * ValueSet is an immutable set over what one label key can hold: any string, or absence (undefined).
 * It is finite (`In`) or the complement of a finite set (`NotIn`), each with or without absence.
 */
export class ValueSet {
  /** The strings named: the members, or if `complement` holds, the only non-members. */
  readonly values: ReadonlySet<string>;
  readonly complement: boolean;
  readonly absent: boolean;

  constructor(values: Iterable<string>, complement: boolean, absent: boolean) {
    this.values = values instanceof Set ? values : new Set(values);
    this.complement = complement;
    this.absent = absent;
  }

  static readonly anything: ValueSet = new ValueSet([], true, true);

  get isEmpty(): boolean {
    return !this.complement && this.values.size === 0 && !this.absent;
  }

  has(value: string | undefined): boolean {
    return value === undefined ? this.absent : this.values.has(value) !== this.complement;
  }

  negate(): ValueSet {
    return new ValueSet(this.values, !this.complement, !this.absent);
  }

  intersect(other: ValueSet): ValueSet {
    const absent = this.absent && other.absent;
    if (this.complement && other.complement) return new ValueSet([...this.values, ...other.values], true, absent);
    const [finite, filter] = this.finiteFirst(other);
    const values: string[] = [];
    for (const value of finite.values) if (filter.has(value)) values.push(value);
    return new ValueSet(values, false, absent);
  }

  union(other: ValueSet): ValueSet {
    return this.negate().intersect(other.negate()).negate();
  }

  intersects(other: ValueSet): boolean {
    if (this.absent && other.absent) return true;
    if (this.complement && other.complement) return true;
    const [finite, filter] = this.finiteFirst(other);
    if (filter.complement && finite.values.size > filter.values.size) return true;
    for (const value of finite.values) if (filter.has(value)) return true;
    return false;
  }

  isSubset(other: ValueSet): boolean {
    return !this.intersects(other.negate());
  }

  /** The one whose values are worth walking comes first: the finite one, of two the smaller. */
  private finiteFirst(other: ValueSet): readonly [ValueSet, ValueSet] {
    if (this.complement) return [other, this];
    return other.complement || this.values.size <= other.values.size ? [this, other] : [other, this];
  }

  /**
   * example returns a member for a message: absence if that is a member, else a named value, else a string that no
   * selector mentions. undefined means absence. Call it on non-empty sets only.
   */
  example(): string | undefined {
    if (this.absent) return undefined;
    if (!this.complement) return this.values.values().next().value;
    let fresh = 'other';
    for (let n = 2; this.values.has(fresh); n += 1) fresh = `other-${n}`;
    return fresh;
  }
}
