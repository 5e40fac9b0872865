const MIB = 1024 * 1024;

/**
 * SHARES are the limits that a namespace can have, in bytes as weightOf estimates them. The first holds three thousand
 * ordinary policies, or three of ten thousand items; so does the last a hundred and more, whatever the others do.
 */
export const SHARES: readonly number[] = [16, 8, 4, 2, 1].map((size) => size * MIB);

/** ALL_POLICIES is what the policies of all namespaces may weigh together where it is not said otherwise. */
export const ALL_POLICIES: number = 256 * MIB;

/**
 * FairShare finds the limit of each namespace: the largest share with which all together stay within the whole. Large
 * namespaces take space from each other, not from small ones.
 */
export class FairShare {
  private readonly whole: number;
  private readonly sums = SHARES.map(() => 0);

  constructor(whole: number = ALL_POLICIES) {
    this.whole = whole;
  }

  /** change records that a namespace demands another number of bytes. */
  change(before: number, after: number): void {
    for (const [i, share] of SHARES.entries()) {
      this.sums[i] = (this.sums[i] ?? 0) + Math.min(after, share) - Math.min(before, share);
    }
  }

  /** limit is every namespace's, in bytes. */
  get limit(): number {
    const i = this.sums.findIndex((sum) => sum <= this.whole);
    return SHARES.at(i) as number;
  }
}
