/** Names that wait at once; a cluster gets a few new namespaces a second at most. */
const MAX_NAMES = 10_000;

/** FirstSeen remembers when each of the names was first asked about; if there are too many, the latest ones. */
export class FirstSeen {
  private readonly times = new Map<string, number>();

  /** since returns when the name was first asked about: `now` if it is new. */
  since(name: string, now: number): number {
    const known = this.times.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.times.keys();
    if (this.times.size >= MAX_NAMES && oldest !== undefined) this.times.delete(oldest);
    this.times.set(name, now);
    return now;
  }

  forget(name: string): void {
    this.times.delete(name);
  }
}
