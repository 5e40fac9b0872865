import { UsageError } from '../../cli/command.ts';
import type { ExitCode, ProcessIo } from '../../cli/io.ts';
import { openLog } from '../../cli/log.ts';
import type { ScanOptions } from '../../cli/options.ts';
import { printable } from '../../objects/printable.ts';
import type { Settings } from '../../policy/model/settings.ts';
import { signalAfter } from '../../runtime/abort.ts';
import { dnsFindings } from './dns-findings.ts';
import { dnsReport } from './dns-report.ts';
import { type ClusterFacts, clusterFacts } from './snapshot-source.ts';

/** A cluster's policies come in a second or two; a scan waits no longer. */
const SYNC_MS = 30_000;

/** askCluster asks a live cluster once all of it is known, and lets go of it. */
export async function askCluster(
  access: Pick<ScanOptions, 'kubeconfig' | 'context'>,
  settings: Settings,
  io: ProcessIo,
  ask: (facts: ClusterFacts) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const { logger: log } = openLog('error', io);
  const { env, clock } = io;
  const onRequest = () => {};
  const given = { ...access, env, clock, settings: () => settings, log, onRequest };
  const facts = await clusterFacts(given);
  try {
    await facts.cluster.synced(signalAfter(SYNC_MS)).catch(() => {
      throw new UsageError(
        `the API server did not answer within ${SYNC_MS / 1000} s: no ${facts.notReady().join(', ')}`,
      );
    });
    const { found, warnings } = dnsReport(await dnsFindings(facts, env), settings);
    for (const sentence of [...found, ...warnings]) io.err(`netpol-guard: ${printable(sentence)}\n`);
    return await ask(facts);
  } finally {
    await facts.stop();
  }
}
