import type { Time } from '../../runtime/clock.ts';

/** Owners that are remembered; if there are more, those that have spent last. */
const MAX_OWNERS = 10_000;

/**
 * Allowances gives each owner, such as an address, an amount to spend at once, and an amount per second from then on.
 */
export class Allowances {
  private readonly most: number;
  private readonly perSecond: number;
  private readonly clock: Time;
  private readonly spent = new Map<string, { readonly left: number; readonly since: number }>();

  constructor({ most, perSecond }: { readonly most: number; readonly perSecond: number }, clock: Time) {
    this.most = most;
    this.perSecond = perSecond;
    this.clock = clock;
  }

  /** spend takes one from an owner's allowance, and returns whether there was one. */
  spend(owner: string): boolean {
    const now = this.clock.elapsed();
    const known = this.spent.get(owner);
    const earned = known === undefined ? this.most : known.left + ((now - known.since) / 1000) * this.perSecond;
    const has = Math.min(this.most, earned);
    const isEnough = has >= 1;
    this.spent.delete(owner);
    this.spent.set(owner, { left: isEnough ? has - 1 : has, since: now });
    const [oldest] = this.spent.keys();
    if (this.spent.size > MAX_OWNERS && oldest !== undefined) this.spent.delete(oldest);
    return isEnough;
  }
}
