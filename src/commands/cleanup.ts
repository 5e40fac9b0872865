import { usageErrorOf } from '../cli/command.ts';
import type { ExitCode, ProcessIo } from '../cli/io.ts';
import { openLog } from '../cli/log.ts';
import type { CleanupOptions } from '../cli/options.ts';
import type { AppliedPolicy } from '../cluster/cluster.ts';
import { printableLine } from '../objects/printable.ts';
import { ContactError, connect } from './serve/connect.ts';
import { tellCluster } from './serve/tell-cluster.ts';

/** Concurrent deletions. */
const AT_A_TIME = 8;

/**
 * cleanup prints the policies that netpol-guard manages, in every namespace, and deletes them on request: an
 * uninstallation leaves them behind. Throws UsageError if the API server cannot be reached, or refuses.
 */
export async function cleanup({ deleteBaseline, ...access }: CleanupOptions, io: ProcessIo): Promise<ExitCode> {
  const { appliedPolicies, deletePolicy } = await import('../cluster/cluster.ts');
  const { env, clock } = io;
  const { logger: log } = openLog('error', io);
  const connection = await connect({ ...access, readsHome: true, env, clock, log, onRequest: () => {} });
  const { client, problemOf } = connection;
  const stopping = new AbortController();
  io.onStop(() => stopping.abort(new Error('stopped before the end; run it again')));
  const { signal } = stopping;

  async function remove({ namespace, name }: AppliedPolicy): Promise<void> {
    const outcome = await deletePolicy(client, namespace, name, signal);
    io.out(`${printableLine(`${namespace}/${name}: ${outcome}`)}\n`);
  }

  try {
    const policies = await appliedPolicies(client, signal);
    tellCluster(access, connection, io);
    if (policies.length === 0) io.err('netpol-guard: found no policies that netpol-guard applied\n');
    if (deleteBaseline) await each(policies, remove);
    else for (const { namespace, name } of policies) io.out(`${printableLine(`${namespace}/${name}`)}\n`);
    return 0;
  } catch (error) {
    throw signal.aborted ? usageErrorOf(error) : new ContactError(problemOf(error), { cause: error });
  } finally {
    client.close();
  }
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}
