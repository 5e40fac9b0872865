import { Overloaded, PutOff } from '../review/bad-request.ts';

/** CapacityLimits bound the requests in progress. */
export interface CapacityLimits {
  readonly requests: number;
  /** The most of one address, so that there is always a place for another one. */
  readonly requestsPerAddress: number;
  readonly inFlightBytes: number;
  readonly freeBytes: number;
}

/**
 * Place is a request in progress, as it was counted: later its connection may be gone, and with it the client's
 * address.
 */
export interface Place {
  readonly address: string;
  readonly bytes: number;
}

/**
 * Capacity bounds what is in progress at once: requests whose bodies have arrived, and bytes of these. Only bytes
 * beyond the first `freeBytes` of a body count, so that large bodies that are hoarded do not starve ordinary policies.
 */
export class Capacity {
  private readonly limits: CapacityLimits;
  private readonly byAddress = new Map<string, number>();
  private bytes = 0;
  /** Requests in progress. */
  requests = 0;

  constructor(limits: CapacityLimits) {
    this.limits = limits;
  }

  /**
   * enter counts a request, by its sender and the size of its body. Throws Overloaded, or PutOff because of its size.
   */
  enter(address: string, bytes: number): Place {
    const { requests, requestsPerAddress, inFlightBytes } = this.limits;
    const others = this.byAddress.get(address) ?? 0;
    if (this.requests >= requests) {
      throw new Overloaded('requests', `${this.requests} requests are in progress; try again`);
    }
    if (others >= requestsPerAddress) {
      throw new Overloaded('requests', `${others} requests from your address are in progress; try again`);
    }
    const counted = this.counted(bytes);
    if (counted > 0 && this.bytes + counted > inFlightBytes) {
      throw new PutOff('bytes', `${this.bytes} bytes of large requests are in progress; try again`);
    }
    this.requests += 1;
    this.byAddress.set(address, others + 1);
    this.bytes += counted;
    return { address, bytes };
  }

  /** leave uncounts a request. */
  leave({ address, bytes }: Place): void {
    const others = (this.byAddress.get(address) ?? 0) - 1;
    if (others > 0) this.byAddress.set(address, others);
    else this.byAddress.delete(address);
    this.requests -= 1;
    this.bytes -= this.counted(bytes);
  }

  private counted(bytes: number): number {
    return Math.max(0, bytes - this.limits.freeBytes);
  }
}
