import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';
import { RULE_PAGES } from '../../../src/report/rule-pages.ts';
import { reportSarif } from '../../../src/report/sarif.ts';

const DOCS = 'https://docs.example/rules';

/**
 * The schema of SARIF 2.1.0 (RTM 5), as Microsoft's own matcher ships it. It is of draft 4, of which it uses nothing
 * that later drafts read otherwise, so its own name is taken off. URI formats are not checked.
 */
const require = createRequire(import.meta.url);
const path = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(
  schema,
);

const finding: ReportedFinding = {
  rule: 'dns-blocked',
  severity: 'error',
  file: 'deploy/über web.yaml',
  line: 3,
  column: 5,
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'deny',
  path: 'spec.egress',
  message: 'isolates every pod',
  help: 'apply this first:\na: b',
  docs: `${DOCS}/dns-blocked.md`,
};

interface SarifResult {
  level: string;
  readonly ruleIndex: number;
  readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
}

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly SarifResult[];
}

/** run returns the one run of a log. */
function run(findings: readonly ReportedFinding[]): SarifRun {
  const [only, ...others] = log(findings).runs;
  if (only === undefined || others.length > 0) throw new Error('a log has one run');
  return only;
}

function log(
  findings: readonly ReportedFinding[],
  notes: readonly string[] = [],
): { readonly runs: readonly SarifRun[] } {
  const report = makeReport(findings, { files: 1, documents: 1, policies: 1 }, notes);
  return JSON.parse(reportSarif(report, '1.2.3', 'https://docs.example')) as { runs: SarifRun[] };
}

describe('reportSarif', () => {
  it.each([
    ['no finding', log([])],
    ['findings', log([finding, { ...finding, severity: 'warning', certain: false }])],
    ['a finding without a file', log([{ rule: 'dns-blocked', severity: 'error', message: 'x', docs: DOCS }])],
    ['notes', log([], ['an exemption has expired'])],
  ])('fits the schema with %s', (_, value) => {
    validate(value);
    expect(validate.errors).toBeNull();
  });

  it('would see what does not fit', () => {
    const value = log([finding]);
    for (const result of value.runs[0]?.results ?? []) result.level = 'fatal';
    expect(validate(value)).toBe(false);
  });

  it('says where and what', () => {
    expect(run([finding]).results).toEqual([
      {
        ruleId: 'dns-blocked',
        ruleIndex: RULE_PAGES.findIndex(({ id }) => id === 'dns-blocked'),
        level: 'error',
        message: {
          text: 'spec.egress: isolates every pod\napply this first:\na: b',
          markdown: `spec.egress: isolates every pod\n\napply this first:\na: b\n\n<${DOCS}/dns-blocked.md>`,
        },
        partialFingerprints: { 'netpolGuardFinding/v1': expect.stringMatching(/^[0-9a-f]{32}:1$/) },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'deploy/%C3%BCber%20web.yaml' },
              region: { startLine: 3, startColumn: 5 },
            },
            logicalLocations: [{ fullyQualifiedName: 'shop/NetworkPolicy/deny' }],
          },
        ],
      },
    ]);
  });

  it('describes each rule once, with its page', () => {
    const { rules } = run([]).tool.driver;
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(rules[run([finding]).results[0]?.ruleIndex ?? -1]).toMatchObject({
      id: 'dns-blocked',
      helpUri: 'https://docs.example/rules/dns-blocked.md',
      defaultConfiguration: { level: 'error' },
    });
  });

  it('gives absolute paths as file URIs', () => {
    const [result] = run([{ ...finding, file: '/srv/a b.yaml' }]).results;
    expect(result?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('file:///srv/a%20b.yaml');
  });
});
