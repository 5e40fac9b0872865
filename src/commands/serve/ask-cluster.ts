import type { ExitCode, ProcessIo } from '../../cli/io.ts';
import { openLog } from '../../cli/log.ts';
import type { ScanOptions } from '../../cli/options.ts';
import type { Connection } from '../../cluster/cluster.ts';
import type { Settings } from '../../policy/model/settings.ts';
import { signalAfter } from '../../runtime/abort.ts';
import { ContactError, connect } from './connect.ts';
import { dnsFindings } from './dns-findings.ts';
import { dnsReport } from './dns-report.ts';
import { type ClusterFacts, factsOver } from './snapshot-source.ts';
import { tellCluster } from './tell-cluster.ts';

/** A cluster's policies arrive within a second or two; a scan waits no longer. */
const SYNC_MS = 30_000;

/**
 * askCluster queries the chosen cluster once everything is known, and disconnects. `ask` also gets sentences on the DNS
 * that was found, for the user to read. Throws ContactError at once if the cluster cannot be reached, or refuses.
 */
export async function askCluster(
  access: Pick<ScanOptions, 'kubeconfig' | 'context'>,
  settings: Settings,
  io: ProcessIo,
  ask: (facts: ClusterFacts, dns: readonly string[]) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const { logger: log } = openLog('error', io);
  const { env, clock } = io;
  const onRequest = () => {};
  const given = { ...access, readsHome: true, env, clock, settings: () => settings, log, onRequest };
  const connection = await connect(given);
  await greet(connection, settings);
  tellCluster(access, connection, io);
  const facts = await factsOver(connection, given);
  try {
    await facts.cluster.synced(signalAfter(SYNC_MS)).catch(() => {
      throw new ContactError(
        `the API server did not answer within ${SYNC_MS / 1000} s: no ${facts.notReady().join(', ')}`,
      );
    });
    const { found, warnings } = dnsReport(await dnsFindings(facts, env), settings);
    return await ask(facts, [...found, ...warnings]);
  } finally {
    await facts.stop();
  }
}

/** If the configuration names cluster DNS, there is no discovery. */
async function greet({ firstContact, problemOf, client }: Connection, { dns }: Settings): Promise<void> {
  try {
    await firstContact(dns.servers.length > 0 ? [] : dns.namespaces, new AbortController().signal);
  } catch (error) {
    client.close();
    throw new ContactError(problemOf(error), { cause: error });
  }
}
