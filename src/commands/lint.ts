import type { ExitCode, Io } from '../cli/io.ts';
import type { LintOptions } from '../cli/options.ts';
import { withEnforce } from '../config/compile.ts';
import { loadConfiguration } from '../config/load.ts';
import { readSources, type Sources } from '../manifests/files/read-sources.ts';
import { type Manifest, type Manifests, readManifests } from '../manifests/text/manifests.ts';
import type { SourceText } from '../manifests/text/source-text.ts';
import { messageOf } from '../objects/message-of.ts';
import { printable } from '../objects/printable.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { Settings } from '../policy/model/settings.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { emptiness } from '../report/emptiness.ts';
import { reportGithub } from '../report/github.ts';
import { reportJson } from '../report/json.ts';
import { judge } from '../report/judge.ts';
import { loweredLevelNotes, withoutLevelLabels } from '../report/level-labels.ts';
import { makeReport, type Report, type ReportedFinding } from '../report/report.ts';
import { reportSarif } from '../report/sarif.ts';
import { reportText } from '../report/text.ts';
import { unrenderedFindings } from '../report/unrendered.ts';
import { readWorld, worldOptions } from '../report/world.ts';

/**
 * lint judges files as one cluster and prints the report. The exit status is 1 if something would be refused, 2 if a
 * path cannot be read or nothing was judged, else 0. Throws ConfigurationError, once programs have their document.
 */
export async function lint(options: LintOptions, io: Io): Promise<ExitCode> {
  const { settings, sources, report } = await lintPaths(options, io.clock.now(), io.stdin).catch((error: unknown) =>
    fail(error, options, io),
  );
  for (const remark of [...report.failures, ...report.notes]) io.err(`netpol-guard: ${printable(remark)}\n`);
  // If no file was found, there is nothing to report to people; programs always get their document.
  if (report.summary.files > 0 || options.format !== 'text') {
    // A link must not make a pipeline print private files of the machine that runs it.
    const shown = sources.texts.filter(({ file }) => !sources.outside.has(file));
    io.out(written(report, shown, { ...options, settings, colours: io.colours }));
  }
  if (report.failures.length > 0) return 2;
  return report.summary.errors > 0 ? 1 : 0;
}

async function lintPaths(options: LintOptions, now: number, stdin: Io['stdin']) {
  const { settings: configured } = await loadConfiguration(options.config);
  const settings = options.level === undefined ? configured : withEnforce(configured, options.level);
  const sources = await readSources(options.paths, stdin);
  const { ignoreLabels, allowEmpty } = options;
  const { report } = lintSources({ ...sources, ignoreLabels, allowEmpty }, settings, options.namespace, now);
  return { settings, sources, report };
}

/** A pipeline uploads whatever exists: without a document of this run it would upload none, or that of another run. */
async function fail(error: unknown, options: LintOptions, io: Io): Promise<never> {
  if (options.format !== 'text') {
    const { settings } = await loadConfiguration(undefined);
    const report = makeReport([], { files: 0, documents: 0, policies: 0 }, [], [messageOf(error)]);
    io.out(written(report, [], { ...options, settings, colours: false }));
  }
  throw error;
}

/** Form is how a report is written. */
interface Form extends Pick<LintOptions, 'format' | 'version'> {
  readonly settings: Pick<Settings, 'docsBaseUrl' | 'contact'>;
  readonly colours: boolean;
}

function written(report: Report, texts: readonly SourceText[], form: Form): string {
  switch (form.format) {
    case 'text':
      return reportText(report, new Map(texts.map((source) => [source.file, source])), {
        colours: form.colours,
        contact: form.settings.contact,
      });
    case 'json':
      return reportJson(report);
    case 'sarif':
      return reportSarif(report, form.version, form.settings.docsBaseUrl);
    case 'github':
      return reportGithub(report);
  }
}

/** LintInput is the files that were read, and how to judge them. */
export interface LintInput
  extends Pick<Sources, 'texts' | 'unreadable'>,
    Partial<Pick<Sources, 'missing' | 'emptyFolders' | 'passedOver' | 'piped' | 'unrendered'>> {
  /** Whether to ignore the levels that Namespaces name. */
  readonly ignoreLabels?: boolean | undefined;
  /** Whether having nothing to judge is not a failure. */
  readonly allowEmpty?: boolean | undefined;
}

/** lintSources judges what was read. */
export function lintSources(
  input: LintInput,
  settings: Settings,
  namespace: string,
  now: number,
): { readonly report: Report } {
  const { texts, unreadable, missing = [], passedOver = [], unrendered = [] } = input;
  const manifests = readManifests(texts);
  const world = readWorld(manifests.objects, worldOptions(settings, namespace));
  const namespaces = input.ignoreLabels === true ? withoutLevelLabels(world.namespaces) : world.namespaces;
  const snapshot = offlineSnapshot({ ...world, namespaces }, settings);
  const given = world.given.map(({ policy }) => policy);
  const { findings, notes } = judge(given, { snapshot, settings, now }, 'skipped');
  const placed = world.given.flatMap(({ manifest }, i) =>
    (findings[i] ?? []).map((finding) => place(finding, manifest)),
  );
  const broken = brokenDocuments(input, manifests, settings.docsBaseUrl);
  const found = [...broken, ...world.findings, ...unrenderedFindings(unrendered, settings.docsBaseUrl), ...placed];
  const counts = {
    files: texts.length + unreadable.length + unrendered.length,
    documents: manifests.documents,
    policies: world.policyCount,
  };
  const said = [...passedOver, ...loweredLevelNotes(namespaces, settings.modes), ...notes];
  const { failures, empty } = emptiness(input, manifests, { found, judged: world.judgedCount });
  const isEmptyAllowed = input.allowEmpty === true;
  return {
    report: makeReport(
      found,
      counts,
      [...(isEmptyAllowed ? empty : []), ...said],
      [...missing, ...failures, ...(isEmptyAllowed ? [] : empty)],
    ),
  };
}

/**
 * A document that kubectl refuses is an error; one that was probably not meant for it, such as a file of values, only
 * in a pipe.
 */
function brokenDocuments(
  { unreadable, piped }: LintInput,
  manifests: Manifests,
  docsBaseUrl: string,
): readonly ReportedFinding[] {
  const strays = manifests.strays.filter(({ source }) => piped?.has(source.file));
  const places = [
    ...[...manifests.unreadable, ...strays].map(({ source, ...place }) => ({ file: source.file, ...place })),
    ...unreadable.map((file) => ({ ...file, line: 1, column: 1 })),
  ];
  const docs = rulePage(docsBaseUrl, 'invalid-yaml');
  return places.map((place) => ({ rule: 'invalid-yaml', severity: 'error', ...place, docs }));
}

function place(finding: ReportedFinding, { source, locate }: Manifest): ReportedFinding {
  return { ...finding, file: source.file, ...locate(finding.path ?? '') };
}
