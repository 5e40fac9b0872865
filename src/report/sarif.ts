import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printableJson } from '../objects/printable.ts';
import { fingerprints } from './fingerprints.ts';
import { type Report, type ReportedFinding, sentenceOf } from './report.ts';
import { RULE_PAGES } from './rule-pages.ts';
import { fenced, sarifRule } from './sarif-rule.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HOME = 'https://github.com/netpol-guard/netpol-guard';

/** reportSarif prints a SARIF 2.1.0 log, which code scanning services read. `version` is netpol-guard's. */
export function reportSarif({ findings, failures, notes }: Report, version: string, docsBaseUrl: string): string {
  const driver = {
    name: 'netpol-guard',
    version,
    informationUri: HOME,
    rules: RULE_PAGES.map((page) => sarifRule(page, docsBaseUrl)),
  };
  const prints = fingerprints(findings);
  const run = {
    tool: { driver },
    columnKind: 'unicodeCodePoints',
    invocations: [
      {
        // A service that is told of success treats every finding that is missing from the results as fixed.
        executionSuccessful: failures.length === 0,
        toolExecutionNotifications: [
          ...failures.map((text) => ({ level: 'error', message: { text } })),
          ...notes.map((text) => ({ level: 'note', message: { text } })),
        ],
      },
    ],
    results: findings.map((finding, i) => result(finding, prints[i])),
  };
  return `${printableJson({ $schema: SCHEMA, version: '2.1.0', runs: [run] })}\n`;
}

function result(finding: ReportedFinding, fingerprint: string | undefined): Record<string, unknown> {
  const { rule, severity, help, namespace, name, kind, certain } = finding;
  const text = [sentenceOf(finding), ...(help === undefined ? [] : [help])].join('\n');
  const fullyQualifiedName = [namespace, kind, name].filter((part) => part !== undefined).join('/');
  return {
    ruleId: rule,
    ruleIndex: RULE_PAGES.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text, markdown: markdownOf(finding) },
    partialFingerprints: { 'netpolGuardFinding/v1': fingerprint },
    locations: [
      {
        ...physicalLocation(finding),
        logicalLocations: fullyQualifiedName === '' ? undefined : [{ fullyQualifiedName }],
      },
    ],
    properties: certain === undefined ? undefined : { certain },
  };
}

/** The YAML to paste is fenced, so that its columns are kept. */
function markdownOf(finding: ReportedFinding): string {
  const { help, fix, docs } = finding;
  const toDo = fix?.yaml === undefined ? [] : [`${inMarkdown(fix.description)}:`, fenced(fix.yaml)];
  const advice = toDo.length > 0 || help === undefined ? toDo : [inMarkdown(help)];
  return [inMarkdown(sentenceOf(finding)), ...advice, `<${docs}>`].join('\n\n');
}

/** The name of an object must not create formatting or links. */
function inMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()<>#!|~]/g, String.raw`\$&`);
}

function physicalLocation({ file, line, column }: ReportedFinding): Record<string, unknown> {
  if (file === undefined) return {};
  const region = { startLine: line, startColumn: column };
  return { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } };
}

/** A relative path stays relative, to the folder that the linter was started in. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  // Half a pair is no text, and has no URI.
  return file
    .replaceAll(/\p{Cs}/gu, '\ufffd')
    .split(/[\\/]/)
    .map(encodeURIComponent)
    .join('/');
}
