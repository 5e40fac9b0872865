import type { Json } from '../objects/fields.ts';
import type { JsonPatchOperation } from '../objects/json-patch.ts';
import type { Client } from './api/client.ts';
import { type DnsRecord, type RecordPlace, writeDnsRecord } from './discovery/dns-record.ts';
import { LeaderElector, type LeaderElectorOptions } from './election/leader-elector.ts';
import { applyPolicy, deletePolicy, type PolicyToApply, patchNamespaceLabels } from './writes/apply.ts';
import { readOrInitialise } from './writes/config-map.ts';

/**
 * LeaderWrites are a leader's writes, held back once leadership is not certain. The functions of these names document
 * them.
 */
export interface LeaderWrites {
  applyPolicy(policy: PolicyToApply, signal: AbortSignal): Promise<Json>;
  deletePolicy(namespace: string, name: string, signal: AbortSignal): Promise<'deleted' | 'absent' | 'not-ours'>;
  patchNamespaceLabels(
    namespace: string,
    operations: readonly JsonPatchOperation[],
    signal: AbortSignal,
  ): Promise<'patched' | 'absent' | 'conflict'>;
  /** readOrInitialise returns the value under a key of the release's ConfigMap, or puts `proposed` there. */
  readOrInitialise(key: string, proposed: string, signal: AbortSignal): Promise<string>;
  /** writeDnsRecord writes the record down in the same ConfigMap. */
  writeDnsRecord(record: DnsRecord, signal: AbortSignal): Promise<void>;
}

/** CandidacyOptions describe a candidate for election. The Lease and the ConfigMap have the same name. */
export interface CandidacyOptions extends Omit<LeaderElectorOptions, 'client' | 'lead' | 'onChange'> {
  readonly client: Client;
  /** See LeaderElectorOptions. */
  readonly lead: (writes: LeaderWrites, signal: AbortSignal) => Promise<void>;
}

/** Candidacy is a replica's candidacy in the election. */
export interface Candidacy {
  readonly isLeader: boolean;
  /** stop ends the work, and gives the Lease to the others. */
  stop(): Promise<void>;
}

/** standForElection leads whenever no other does, until it is stopped. */
export function standForElection({ client, lead, ...options }: CandidacyOptions): Candidacy {
  const elector = new LeaderElector({ ...options, client, lead: (signal) => lead(writes, signal) });
  const guarded = client.guardedBy(() => elector.assertCertain());
  const writes = leaderWrites(guarded, options);
  return elector;
}

function leaderWrites(client: Client, place: RecordPlace): LeaderWrites {
  const { namespace, name } = place;
  return {
    applyPolicy: (policy, signal) => applyPolicy(client, policy, signal),
    deletePolicy: (where, policy, signal) => deletePolicy(client, where, policy, signal),
    patchNamespaceLabels: (where, operations, signal) => patchNamespaceLabels(client, where, operations, signal),
    readOrInitialise: (key, proposed, signal) => readOrInitialise(client, { namespace, name, key }, proposed, signal),
    writeDnsRecord: (record, signal) => writeDnsRecord(record, client, place, signal),
  };
}
