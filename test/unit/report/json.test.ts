import { expect, it } from 'vitest';
import { reportJson } from '../../../src/report/json.ts';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';
import { type PrintedReport } from '../cli/setup.ts';

const full: ReportedFinding = {
  offset: 17,
  text: { headline: ['x'], why: ['y'], steps: [{ text: 'z', yaml: [] }] },
  rule: 'dns-blocked',
  severity: 'warning',
  certain: false,
  file: 'a.yaml',
  line: 3,
  column: 5,
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'default-deny',
  path: 'spec.egress',
  message: 'NetworkPolicy shop/default-deny cuts every pod off from DNS. No policy lets them reach it.',
  short: 'default-deny cuts every pod off from DNS',
  help: 'Add this rule:\n    - {}',
  fix: { description: 'Add this rule', path: 'spec.egress', yaml: '    - {}' },
  docs: 'https://docs.example/rules/dns-blocked.md',
};

it('reportJson prints the documented fields, in their order, and no others', () => {
  const bare: ReportedFinding = { rule: 'x', severity: 'error', message: 'y', docs: '' };
  const printed = reportJson(
    makeReport([full, bare], { files: 1, documents: 2, policies: 1 }, ['a note'], ['a failure']),
  );
  const { text: _, offset: __, ...documented } = full;
  expect(JSON.parse(printed)).toEqual({
    version: 1,
    findings: [{ rule: 'x', severity: 'error', message: 'y', docs: '' }, documented],
    notes: ['a failure', 'a note'],
    summary: { files: 1, documents: 2, policies: 1, errors: 1, warnings: 1 },
  });
  expect(Object.keys((JSON.parse(printed) as PrintedReport).findings[1] ?? {})).toEqual(Object.keys(documented));
  expect(printed.endsWith('}\n')).toBe(true);
});
