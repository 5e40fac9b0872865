import { asObject, asStringMap, field, type Json } from '../../objects/fields.ts';
import { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { CONFIG_MAPS } from '../api/resource.ts';
import { watchNamed } from '../watch/named-watch.ts';
import { ResolverMemory } from './resolver-memory.ts';

/** Keys of the ConfigMap's data. */
const RESOLVERS = 'resolvers';
const MISMATCH = 'resolverMismatch';

/**
 * DnsRecord is what the leader records about cluster DNS for all replicas, and for itself after a restart: what was
 * behind DNS Services last, and whether pods use another nameserver.
 */
export class DnsRecord {
  readonly memory = new ResolverMemory();
  private read = false;
  private written: string | undefined;
  private expected: string | undefined;
  private strayed = false;
  private decided: { readonly mismatch: string | undefined } | undefined;

  /** Holds once it is known what was written, if anything. */
  get isRead(): boolean {
    return this.read;
  }

  /** The nameserver of the pods, if it is not among the DNS servers found. */
  get mismatch(): string | undefined {
    return this.decided === undefined ? this.written : this.decided.mismatch;
  }

  /** False if someone else changed or removed what was written here last. */
  get isAsWritten(): boolean {
    return !this.strayed;
  }

  /**
   * decide is for the leader: its decision counts here whatever is stored. `undefined` for a replica that no longer
   * leads.
   */
  decide(decision: { readonly mismatch: string | undefined } | undefined): void {
    this.decided = decision;
  }

  /** learn takes over the stored record, and returns its problems. */
  learn(data: ReadonlyMap<string, string>): readonly string[] {
    this.read = true;
    this.written = data.get(MISMATCH) || undefined;
    const resolvers = data.get(RESOLVERS) ?? '';
    this.strayed = this.expected !== undefined && this.expected !== resolvers;
    return resolvers === '' ? [] : this.memory.restore(resolvers);
  }

  /** data is what to write, and what is expected to be stored afterwards. */
  data(): Readonly<Record<string, string>> {
    this.expected = this.memory.text();
    this.strayed = false;
    return { [RESOLVERS]: this.expected, [MISMATCH]: this.mismatch ?? '' };
  }
}

/** RecordPlace names the ConfigMap, which the chart owns. */
export interface RecordPlace {
  readonly namespace: string;
  readonly name: string;
}

/** FollowOptions are what it takes to follow the record. */
export interface FollowOptions extends RecordPlace {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** followDnsRecord keeps the record in step with what was written, until the signal fires. */
export async function followDnsRecord(record: DnsRecord, options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { name, namespace, client, clock, logger } = options;
  const resource = { ...CONFIG_MAPS, namespace };
  const learn = (object: Json) => {
    for (const problem of record.learn(dataOf(object)))
      logger.warn({ configMap: `${namespace}/${name}`, problem }, 'ignoring the stored record of cluster DNS');
  };
  const backoff = new Backoff(() => clock.random());
  while (!record.isRead && !signal.aborted) {
    try {
      learn(await client.get(resource, name, { signal }));
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ configMap: `${namespace}/${name}`, err: error }, 'cannot read the stored record of cluster DNS');
      // Nothing was ever written, or it may not be read: waiting would be forever.
      if (error instanceof ApiError && (error.isNotFound || error.isForbidden)) learn({});
      else await clock.sleep(backoff.next(), signal);
    }
  }
  await watchNamed({ client, resource, name, clock, logger, onChange: learn }, signal);
}

/** writeDnsRecord writes the record down. Throws as the client does. */
export async function writeDnsRecord(
  record: DnsRecord,
  client: Client,
  { namespace, name }: RecordPlace,
  signal: AbortSignal,
): Promise<void> {
  const patch = { type: 'application/merge-patch+json', body: { data: record.data() } } as const;
  await client.patch({ ...CONFIG_MAPS, namespace }, name, patch, { signal });
}

/** netpol-guard did not write anything but a map of strings. */
function dataOf(object: Json): ReadonlyMap<string, string> {
  return asStringMap(asObject(field(object, 'data'), 'data'), 'data');
}
