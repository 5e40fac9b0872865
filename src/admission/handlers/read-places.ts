import { onAbort } from '../../runtime/abort.ts';

interface Waiting {
  readonly namespace: string;
  readonly begin: () => void;
}

/** ReadPlaces bounds the number of namespaces that are read at a time. Reads of the same namespace share a place. */
export class ReadPlaces {
  private readonly most: number;
  private readonly readers = new Map<string, number>();
  /** In the order in which they came. */
  private readonly waiting = new Set<Waiting>();

  constructor(most: number) {
    this.most = most;
  }

  /** during reads as soon as there is a place; 'busy' if the signal fires before that. */
  async during<T>(namespace: string, signal: AbortSignal, read: () => Promise<T>): Promise<T | 'busy'> {
    if (!(await this.enters(namespace, signal))) return 'busy';
    try {
      return await read();
    } finally {
      this.leave(namespace);
    }
  }

  private async enters(namespace: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.hasRoom(namespace)) {
      this.enter(namespace);
      return true;
    }
    return new Promise((resolve) => {
      const begin = () => {
        release();
        resolve(true);
      };
      const waiting: Waiting = { namespace, begin };
      this.waiting.add(waiting);
      const release = onAbort(signal, () => {
        this.waiting.delete(waiting);
        resolve(false);
      });
    });
  }

  private hasRoom(namespace: string): boolean {
    return this.readers.size < this.most || this.readers.has(namespace);
  }

  private enter(namespace: string): void {
    this.readers.set(namespace, (this.readers.get(namespace) ?? 0) + 1);
  }

  private leave(namespace: string): void {
    const left = (this.readers.get(namespace) ?? 1) - 1;
    if (left > 0) this.readers.set(namespace, left);
    else this.readers.delete(namespace);
    for (const next of this.waiting) {
      if (!this.hasRoom(next.namespace)) return;
      this.waiting.delete(next);
      this.enter(next.namespace);
      next.begin();
    }
  }
}
