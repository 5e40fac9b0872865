/** ByteBudget bounds what several answers may take together, however many of them there are. */
export class ByteBudget {
  private readonly bytes: number;
  private taken = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** take throws BudgetSpent if that is more than is left. */
  take(bytes: number, what: string): void {
    this.taken += bytes;
    if (this.taken > this.bytes) throw new BytesSpent(what, this.bytes);
  }
}

/** BytesSpent means that the answers of one piece of work are longer than it may cost. Smaller pages would not help. */
export class BytesSpent extends Error {
  override readonly name = 'BytesSpent';

  constructor(what: string, bytes: number) {
    super(`${what}: with what was read before, longer than ${bytes} bytes`);
  }
}
