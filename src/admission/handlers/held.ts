import type { Change } from '../../policy/model/change.ts';
import { weightOf } from '../../policy/model/weight.ts';
import { PutOff } from '../review/bad-request.ts';

/**
 * The memory that waiting requests may hold together, in bytes as weightOf estimates them: a dozen of the largest
 * policies.
 */
const MOST_HELD = 64 * 1024 * 1024;
/** This much is free, so that large waiting policies do not delay ordinary ones. */
const FREE = 64 * 1024;

/** Held bounds the policies of requests that wait: compiled, one takes up to thirty times the bytes of its body. */
export class Held {
  private bytes = 0;

  /** during counts a change for the duration of the work. Throws PutOff if too much is held already. */
  async during<T>({ before, after }: Change, work: () => Promise<T>): Promise<T> {
    const weight = [before, after].reduce((sum, policy) => sum + (policy === undefined ? 0 : weightOf(policy)), 0);
    const counted = Math.max(0, weight - FREE);
    if (counted > 0 && this.bytes + counted > MOST_HELD) {
      throw new PutOff('bytes', `policies that take ${this.bytes} bytes are waiting to be checked again; try again`);
    }
    this.bytes += counted;
    try {
      return await work();
    } finally {
      this.bytes -= counted;
    }
  }
}
