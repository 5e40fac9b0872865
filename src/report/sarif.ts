import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printableJson } from '../objects/printable.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import { type Report, type ReportedFinding, sentenceOf } from './report.ts';
import { RULE_PAGES, type RulePage } from './rule-pages.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HOME = 'https://github.com/netpol-guard/netpol-guard';

/** reportSarif prints a SARIF 2.1.0 log, which code scanning services read. `version` is netpol-guard's. */
export function reportSarif({ findings, notes }: Report, version: string, docsBaseUrl: string): string {
  const driver = {
    name: 'netpol-guard',
    version,
    informationUri: HOME,
    rules: RULE_PAGES.map((page) => descriptor(page, docsBaseUrl)),
  };
  const run = {
    tool: { driver },
    columnKind: 'unicodeCodePoints',
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: notes.map((text) => ({ level: 'note', message: { text } })),
      },
    ],
    results: findings.map(result),
  };
  return `${printableJson({ $schema: SCHEMA, version: '2.1.0', runs: [run] })}\n`;
}

function descriptor({ id, title, level, docs }: RulePage, docsBaseUrl: string): Record<string, unknown> {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: docs.why },
    helpUri: rulePage(docsBaseUrl, id),
    help: { text: docs.why, markdown: docs.why },
    defaultConfiguration: { level: level === 'standard' ? 'error' : 'warning' },
  };
}

function result(finding: ReportedFinding): Record<string, unknown> {
  const { rule, severity, help, namespace, name, kind, certain } = finding;
  const text = [sentenceOf(finding), ...(help === undefined ? [] : [help])].join('\n');
  const fullyQualifiedName = [namespace, kind, name].filter((part) => part !== undefined).join('/');
  return {
    ruleId: rule,
    ruleIndex: RULE_PAGES.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text },
    locations: [
      {
        ...physicalLocation(finding),
        logicalLocations: fullyQualifiedName === '' ? undefined : [{ fullyQualifiedName }],
      },
    ],
    properties: certain === undefined ? undefined : { certain },
  };
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
