import { UsageError } from '../cli/command.ts';
import type { ExitCode, Io, ProcessIo } from '../cli/io.ts';
import type { ScanOptions } from '../cli/options.ts';
import { withEnforce } from '../config/compile.ts';
import { loadConfiguration } from '../config/load.ts';
import { didYouMean } from '../objects/did-you-mean.ts';
import { matchesGlob } from '../objects/glob.ts';
import { printable } from '../objects/printable.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import { reportJson } from '../report/json.ts';
import { judge } from '../report/judge.ts';
import { makeReport, type Report } from '../report/report.ts';
import { reportText } from '../report/text.ts';
import { askCluster } from './serve/ask-cluster.ts';

/**
 * auditCluster judges every policy of the snapshot, or those of some namespaces, as if it were newly written. A finding
 * that is only audited is a warning.
 */
export function auditCluster(
  snapshot: ClusterSnapshot,
  settings: Settings,
  now: number,
  namespaces: Iterable<string> = snapshot.namespacesWithPolicies(),
): Report {
  const policies = [...namespaces].flatMap((name) => [...snapshot.policies(name).all()]);
  const { findings, notes } = judge(policies, { snapshot, settings, now }, 'warned of');
  return makeReport(findings.flat(), { files: 0, documents: 0, policies: policies.length }, notes);
}

/** printScan prints the report of a live cluster. The exit status is 1 if something would be refused, else 0. */
export function printScan(report: Report, format: 'text' | 'json', contact: string, io: Io): ExitCode {
  for (const note of report.notes) io.err(`netpol-guard: ${printable(note)}\n`);
  const { colours } = io;
  io.out(format === 'json' ? reportJson(report) : reportText(report, new Map(), { colours, contact }));
  return report.summary.errors > 0 ? 1 : 0;
}

const LIST = 'kubectl get namespaces lists all';

/**
 * chosenNamespaces returns the namespaces that match names and globs, each once. Throws UsageError if one of these
 * matches none: nothing would be judged, and the report would say "clean".
 */
export function chosenNamespaces(patterns: readonly string[], existing: readonly string[]): ReadonlySet<string> {
  return new Set(
    patterns.flatMap((pattern) => {
      const matching = existing.filter((name) => matchesGlob(pattern, name));
      if (matching.length > 0) return matching;
      if (/[*?]/.test(pattern)) throw new UsageError(`no namespace matches "${pattern}"; ${LIST}`);
      throw new UsageError(`there is no namespace "${pattern}"; ${didYouMean(pattern, existing, LIST)}`);
    }),
  );
}

/**
 * scan judges every policy of a live cluster as if it were newly written, and prints what it found. Throws UsageError
 * if the cluster cannot be reached, or a namespace does not exist.
 */
export async function scan(options: ScanOptions, io: ProcessIo): Promise<ExitCode> {
  const { settings: configured } = await loadConfiguration(options.config);
  const settings = options.level === undefined ? configured : withEnforce(configured, options.level);
  return askCluster(options, settings, io, (facts, dns) => {
    const existing = [...facts.cluster.namespaces()].map(({ name }) => name);
    const chosen = options.namespaces && chosenNamespaces(options.namespaces, existing);
    const report = auditCluster(facts.snapshot(), settings, io.clock.now(), chosen);
    return printScan({ ...report, notes: [...dns, ...report.notes] }, options.format, settings.contact, io);
  });
}
