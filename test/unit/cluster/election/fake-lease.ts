import { ApiError } from '../../../../src/cluster/api/api-error.ts';
import type { Client } from '../../../../src/cluster/api/client.ts';
import type { RequestOptions } from '../../../../src/cluster/api/transport.ts';
import { asObject, field, type Json } from '../../../../src/objects/fields.ts';
import type { VirtualProcess, VirtualTime } from '../../../harness/virtual-time.ts';

/** Trip is what becomes of one request: how long it is under way, and where it is lost. */
export interface Trip {
  readonly there: number;
  readonly back: number;
  readonly lost?: 'there' | 'back';
  /** The API server refuses with this code, and does nothing. */
  readonly refusal?: number;
}

const PROMPT: Trip = { there: 1, back: 1 };

/** FakeLease is the API server's part in an election, in virtual time: one Lease, and what it asks of writers. */
export class FakeLease {
  lease: Json | undefined = { metadata: { name: 'netpol-guard', resourceVersion: '1' } };
  readonly log: string[] = [];
  trip: () => Trip = () => PROMPT;
  private version = 1;
  private readonly time: VirtualTime;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  get spec(): Json {
    return asObject(field(this.lease ?? {}, 'spec'), 'spec');
  }

  /** put replaces the Lease, as someone else would. */
  put(lease: Json): void {
    this.version += 1;
    this.lease = { ...lease, metadata: { name: 'netpol-guard', resourceVersion: String(this.version) } };
  }

  clientOf(process: VirtualProcess): Pick<Client, 'get' | 'update'> {
    return {
      get: (_resource, name, options) => this.request(process, `get ${name}`, options, () => this.get()),
      update: (_resource, name, lease, options) =>
        this.request(process, `update ${name}`, options, () => this.update(lease)),
    };
  }

  private get(): Json {
    if (this.lease === undefined) throw refusal(404, 'NotFound');
    return this.lease;
  }

  private update(lease: Json): Json {
    const { metadata } = this.get();
    const [asked, stored] = [asObject(field(lease, 'metadata'), 'metadata'), asObject(metadata, 'metadata')];
    if (field(asked, 'resourceVersion') !== field(stored, 'resourceVersion')) throw refusal(409, 'Conflict');
    this.put(lease);
    return this.get();
  }

  private request(
    process: VirtualProcess,
    what: string,
    { signal, timeoutMs = 30_000 }: RequestOptions,
    work: () => Json,
  ): Promise<Json> {
    const { there, back, lost, refusal: code } = this.trip();
    this.log.push(what);
    const over = new AbortController();
    const answer = new Promise<Json>((resolve, reject) => {
      if (lost === 'there') return;
      this.time.after(there, () => {
        const outcome = attempt(code === undefined ? work : () => refuse(code));
        if (lost === 'back') return;
        this.time.after(back, () =>
          process.deliver(() => ('error' in outcome ? reject(outcome.error) : resolve(outcome.object))),
        );
      });
    });
    const givenUp = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true, signal: over.signal });
      void process.sleep(timeoutMs, over.signal).then(() => reject(new Error(`${what}: no answer`)));
    });
    return Promise.race([answer, givenUp]).finally(() => over.abort());
  }
}

function attempt(work: () => Json): { object: Json } | { error: Error } {
  try {
    return { object: work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function refuse(code: number): never {
  throw refusal(code, code === 500 ? 'InternalError' : 'Forbidden');
}

function refusal(code: number, reason: string): ApiError {
  return new ApiError('lease', code, { reason, message: reason });
}
