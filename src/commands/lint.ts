import type { ExitCode, Io } from '../cli/io.ts';
import type { LintOptions } from '../cli/options.ts';
import { withEnforce } from '../config/compile.ts';
import { loadConfiguration } from '../config/load.ts';
import { readSources, type Sources } from '../manifests/files/read-sources.ts';
import { type Manifest, readManifests } from '../manifests/text/manifests.ts';
import { printable } from '../objects/printable.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { Settings } from '../policy/model/settings.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { reportGithub } from '../report/github.ts';
import { reportJson } from '../report/json.ts';
import { judge } from '../report/judge.ts';
import { loweredLevelNotes, withoutLevelLabels } from '../report/level-labels.ts';
import { makeReport, type Report, type ReportedFinding } from '../report/report.ts';
import { reportSarif } from '../report/sarif.ts';
import { reportText } from '../report/text.ts';
import { readWorld, worldOptions } from '../report/world.ts';

/**
 * lint judges files as one cluster and prints the report. The exit status is 1 where something would be refused, 2
 * where a path is missing, or no file or no document could be read, else 0. Throws ConfigurationError.
 */
export async function lint(options: LintOptions, io: Io): Promise<ExitCode> {
  const { settings: configured } = await loadConfiguration(options.config);
  const settings = options.level === undefined ? configured : withEnforce(configured, options.level);
  const sources = await readSources(options.paths, io.stdin);
  for (const reason of sources.missing) io.err(`netpol-guard: ${printable(reason)}\n`);
  const input = { ...sources, ignoreLabels: options.ignoreLabels ?? false };
  const { report, readable } = lintSources(input, settings, options.namespace, io.clock.now());
  for (const note of report.notes) io.err(`netpol-guard: ${printable(note)}\n`);
  // Where no file was found there is nothing to report to people; programs always get their document.
  if (report.summary.files === 0 && options.format === 'text') return 2;
  // A link must not make a pipeline print what the machine that runs it keeps to itself.
  const shown = sources.texts.filter(({ file }) => !sources.outside.has(file));
  const texts = new Map(shown.map((source) => [source.file, source]));
  const written = {
    text: () => reportText(report, texts, { colours: io.colours, contact: settings.contact }),
    json: () => reportJson(report),
    sarif: () => reportSarif(report, options.version, settings.docsBaseUrl),
    github: () => reportGithub(report),
  };
  io.out(written[options.format]());
  if (sources.missing.length > 0 || report.summary.files === 0 || !readable) return 2;
  return report.summary.errors > 0 ? 1 : 0;
}

/** LintInput is what was read, and whether the levels count that Namespaces in it name. */
export interface LintInput extends Pick<Sources, 'texts' | 'unreadable'>, Partial<Pick<Sources, 'passedOver'>> {
  readonly ignoreLabels?: boolean | undefined;
}

/** lintSources judges what was read; `readable` fails where there is something and none of it can be read. */
export function lintSources(
  { texts, unreadable, passedOver = [], ignoreLabels = false }: LintInput,
  settings: Settings,
  namespace: string,
  now: number,
): { readonly report: Report; readonly readable: boolean } {
  const manifests = readManifests(texts);
  const world = readWorld(manifests.objects, worldOptions(settings, namespace));
  const namespaces = ignoreLabels ? withoutLevelLabels(world.namespaces) : world.namespaces;
  const snapshot = offlineSnapshot({ ...world, namespaces }, settings);
  const given = world.given.map(({ policy }) => policy);
  const { findings, notes } = judge(given, { snapshot, settings, now }, 'left out');
  const placed = world.given.flatMap(({ manifest }, i) =>
    (findings[i] ?? []).map((finding) => place(finding, manifest)),
  );
  const broken = [
    ...manifests.unreadable.map(({ source, ...place }) => ({ file: source.file, ...place })),
    ...unreadable.map((file) => ({ ...file, line: 1, column: 1 })),
  ].map((place): ReportedFinding => {
    const docs = rulePage(settings.docsBaseUrl, 'unreadable-document');
    return { rule: 'unreadable-document', severity: 'error', ...place, docs };
  });
  const files = texts.length + unreadable.length;
  const counts = { files, documents: manifests.documents, policies: world.policyCount };
  const lowered = loweredLevelNotes(namespaces, settings.modes);
  const report = makeReport([...broken, ...world.findings, ...placed], counts, [...passedOver, ...lowered, ...notes]);
  return { report, readable: broken.length === 0 || manifests.documents > manifests.unreadable.length };
}

function place(finding: ReportedFinding, { source, locate }: Manifest): ReportedFinding {
  return { ...finding, file: source.file, ...locate(finding.path ?? '') };
}
