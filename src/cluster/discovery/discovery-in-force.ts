import type { Discovery } from './discovery.ts';

/**
 * DiscoveryInForce keeps one Discovery for the namespaces that the configuration names. If it names others, a second
 * one begins and replaces the first once it has synced; until then the results of the first count.
 */
export class DiscoveryInForce {
  private readonly start: (namespaces: readonly string[]) => Discovery;
  private current: Started;
  private next: Started | undefined;
  private readonly stopping = new Set<Promise<void>>();

  constructor(namespaces: readonly string[], start: (namespaces: readonly string[]) => Discovery) {
    this.start = start;
    this.current = this.begin(namespaces);
  }

  /** of returns the Discovery that counts, now that the configuration names these namespaces. */
  of(namespaces: readonly string[]): Discovery {
    if (this.next !== undefined && this.next.key !== keyOf(namespaces)) this.leaveNext();
    if (this.current.key !== keyOf(namespaces)) this.next ??= this.begin(namespaces);
    if (this.next?.discovery.states().every(({ synced }) => synced) === true) {
      this.leave(this.current);
      this.current = this.next;
      this.next = undefined;
    }
    return this.current.discovery;
  }

  async stop(): Promise<void> {
    this.leaveNext();
    this.leave(this.current);
    await Promise.all(this.stopping);
  }

  private begin(namespaces: readonly string[]): Started {
    return { key: keyOf(namespaces), discovery: this.start(namespaces) };
  }

  private leaveNext(): void {
    if (this.next !== undefined) this.leave(this.next);
    this.next = undefined;
  }

  private leave({ discovery }: Started): void {
    const stopped = discovery.stop().finally(() => this.stopping.delete(stopped));
    this.stopping.add(stopped);
  }
}

interface Started {
  readonly key: string;
  readonly discovery: Discovery;
}

function keyOf(namespaces: readonly string[]): string {
  return [...new Set(namespaces)].sort().join(' ');
}
