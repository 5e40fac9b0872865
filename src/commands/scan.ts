import type { ExitCode, Io, ProcessIo } from '../cli/io.ts';
import type { ScanOptions } from '../cli/options.ts';
import { withEnforce } from '../config/compile.ts';
import { loadConfiguration } from '../config/load.ts';
import { printable } from '../objects/printable.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import { reportJson } from '../report/json.ts';
import { judge } from '../report/judge.ts';
import { makeReport, type Report } from '../report/report.ts';
import { reportText } from '../report/text.ts';
import { askCluster } from './serve/ask-cluster.ts';

/**
 * auditCluster judges every policy of the snapshot as if it were written anew; `namespace` limits it to one. What is only
 * audited so far is a warning.
 */
export function auditCluster(snapshot: ClusterSnapshot, settings: Settings, now: number, namespace?: string): Report {
  const namespaces = namespace === undefined ? [...snapshot.namespacesWithPolicies()] : [namespace];
  const policies = namespaces.flatMap((name) => [...snapshot.policies(name).all()]);
  const { findings, notes } = judge(policies, { snapshot, settings, now }, 'warned of');
  return makeReport(findings.flat(), { files: 0, documents: 0, policies: policies.length }, notes);
}

/** printScan prints the report of a live cluster. The exit status is 1 where something would be refused, else 0. */
export function printScan(report: Report, format: 'text' | 'json', contact: string, io: Io): ExitCode {
  for (const note of report.notes) io.err(`netpol-guard: ${printable(note)}\n`);
  const { colours } = io;
  io.out(format === 'json' ? reportJson(report) : reportText(report, new Map(), { colours, contact }));
  return report.summary.errors > 0 ? 1 : 0;
}

/**
 * scan judges every policy of a live cluster as if it were written anew, and prints what it found. Throws UsageError
 * where the cluster cannot be reached.
 */
export async function scan(options: ScanOptions, io: ProcessIo): Promise<ExitCode> {
  const { settings: configured } = await loadConfiguration(options.config);
  const settings = options.level === undefined ? configured : withEnforce(configured, options.level);
  return askCluster(options, settings, io, (facts) => {
    const report = auditCluster(facts.snapshot(), settings, io.clock.now(), options.namespace);
    return printScan(report, options.format, settings.contact, io);
  });
}
