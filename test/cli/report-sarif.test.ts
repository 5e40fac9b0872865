import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { makeReport, type ReportedFinding } from '../../src/cli/report.ts';
import { reportSarif } from '../../src/cli/report-sarif.ts';

const DOCS = 'https://docs.example/rules';

/**
 * The schema of SARIF 2.1.0 (RTM 5), as Microsoft's own matcher ships it. It is of draft 4, of which it uses nothing
 * that later drafts read otherwise, so its own name is taken off. URI formats are not checked.
 */
const require = createRequire(import.meta.url);
const { $schema: _, id: __, ...schema } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
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

function log(findings: readonly ReportedFinding[], notes: readonly string[] = []) {
  const report = makeReport(findings, { files: 1, documents: 1, policies: 1 }, notes);
  return JSON.parse(reportSarif(report, '1.2.3', 'https://docs.example'));
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
    value.runs[0].results[0].level = 'fatal';
    expect(validate(value)).toBe(false);
  });

  it('says where and what', () => {
    expect(log([finding]).runs[0].results).toEqual([
      {
        ruleId: 'dns-blocked',
        ruleIndex: expect.any(Number),
        level: 'error',
        message: { text: 'spec.egress: isolates every pod\napply this first:\na: b' },
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
    const { rules } = log([]).runs[0].tool.driver;
    const ids = rules.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(rules[log([finding]).runs[0].results[0].ruleIndex]).toMatchObject({
      id: 'dns-blocked',
      helpUri: 'https://docs.example/rules/dns-blocked.md',
      defaultConfiguration: { level: 'error' },
    });
  });

  it('gives absolute paths as file URIs', () => {
    const [{ locations }] = log([{ ...finding, file: '/srv/a b.yaml' }]).runs[0].results;
    expect(locations[0].physicalLocation.artifactLocation.uri).toBe('file:///srv/a%20b.yaml');
  });
});
