import { Overloaded } from './bad-request.ts';

/**
 * Capacity bounds what is in hand at once: requests, and bytes of their bodies. Only bytes beyond the first
 * `freeBytes` of a body count, so that whoever hoards large bodies does not starve ordinary policies.
 */
export class Capacity {
  private readonly maxRequests: number;
  private readonly maxBytes: number;
  private readonly freeBytes: number;
  private bytes = 0;
  /** Requests in hand. */
  requests = 0;

  constructor(limits: { maxRequests: number; maxBytes: number; freeBytes: number }) {
    this.maxRequests = limits.maxRequests;
    this.maxBytes = limits.maxBytes;
    this.freeBytes = limits.freeBytes;
  }

  /** enter counts a request in, or throws Overloaded. */
  enter(): void {
    if (this.requests >= this.maxRequests) {
      throw new Overloaded('requests', `${this.requests} requests are in hand; try again`);
    }
    this.requests += 1;
  }

  /** grow counts more bytes of a body that had `before` of them, or throws Overloaded. */
  grow(before: number, more: number): void {
    const counted = this.counted(before + more) - this.counted(before);
    if (counted > 0 && this.bytes + counted > this.maxBytes) {
      throw new Overloaded('bytes', `${this.bytes} bytes of large requests are in hand; try again`);
    }
    this.bytes += counted;
  }

  /** leave counts a request out, with the bytes that it had. */
  leave(bytes: number): void {
    this.requests -= 1;
    this.bytes -= this.counted(bytes);
  }

  private counted(bytes: number): number {
    return Math.max(0, bytes - this.freeBytes);
  }
}
