/** Bounds limit what all holders may have together, and what those of one owner, such as an address, may have. */
export interface Bounds {
  readonly total: number;
  readonly perOwner: number;
}

interface Share {
  readonly owner: string;
  amount: number;
}

interface Purse<Holder> {
  sum: number;
  /** The holders that may have to give up their share, oldest first. */
  readonly waiting: Set<Holder>;
}

/**
 * Shares divides a scarce resource, such as connections, among owners. No newcomer is refused: beyond the bound, the
 * owner that has most gives something up, and of its holders the one that has waited longest. So a hoarder only takes
 * from itself, and from others that count as the same owner no more than what is idle.
 */
export class Shares<Holder> {
  private readonly bounds: Bounds;
  private readonly shares = new Map<Holder, Share>();
  private readonly purses = new Map<string, Purse<Holder>>();
  private sum = 0;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  /** take adds to what a holder has, and returns the holders that lost theirs for it. */
  take(holder: Holder, owner: string, amount: number): readonly Holder[] {
    const share = this.shares.get(holder) ?? this.enter(holder, owner);
    const purse = this.purseOf(share.owner);
    share.amount += amount;
    purse.sum += amount;
    this.sum += amount;

    const gone: Holder[] = [];
    while (purse.sum > this.bounds.perOwner && this.giveUp(this.oldestBut(holder, purse), gone));
    while (this.sum > this.bounds.total && this.giveUp(this.oldestOfRichest(holder), gone));
    return gone;
  }

  /** refresh makes a holder the youngest of its owner's. */
  refresh(holder: Holder): void {
    const share = this.shares.get(holder);
    if (share === undefined) return;
    const { waiting } = this.purseOf(share.owner);
    waiting.delete(holder);
    waiting.add(holder);
  }

  /** spare lets a holder keep what it has, until it is refreshed. */
  spare(holder: Holder): void {
    const share = this.shares.get(holder);
    if (share !== undefined) this.purseOf(share.owner).waiting.delete(holder);
  }

  /** drop gives back what a holder has. */
  drop(holder: Holder): void {
    const share = this.shares.get(holder);
    if (share === undefined) return;
    const purse = this.purseOf(share.owner);
    this.shares.delete(holder);
    purse.waiting.delete(holder);
    purse.sum -= share.amount;
    this.sum -= share.amount;
    if (purse.sum === 0 && purse.waiting.size === 0) this.purses.delete(share.owner);
  }

  private enter(holder: Holder, owner: string): Share {
    const share = { owner, amount: 0 };
    this.shares.set(holder, share);
    this.purseOf(owner).waiting.add(holder);
    return share;
  }

  private purseOf(owner: string): Purse<Holder> {
    let purse = this.purses.get(owner);
    if (purse === undefined) {
      purse = { sum: 0, waiting: new Set() };
      this.purses.set(owner, purse);
    }
    return purse;
  }

  private giveUp(holder: Holder | undefined, gone: Holder[]): boolean {
    if (holder === undefined) return false;
    this.drop(holder);
    gone.push(holder);
    return true;
  }

  /** The holder that takes gives nothing up: that would be a refusal. */
  private oldestBut(taker: Holder, { waiting }: Purse<Holder>): Holder | undefined {
    for (const holder of waiting) if (holder !== taker) return holder;
    return undefined;
  }

  private oldestOfRichest(taker: Holder): Holder | undefined {
    let richest = 0;
    let oldest: Holder | undefined;
    for (const purse of this.purses.values()) {
      if (purse.sum <= richest) continue;
      const candidate = this.oldestBut(taker, purse);
      if (candidate === undefined) continue;
      richest = purse.sum;
      oldest = candidate;
    }
    return oldest;
  }
}
