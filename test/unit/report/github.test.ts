import { expect, it } from 'vitest';
import { reportGithub } from '../../../src/report/github.ts';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';

const finding: ReportedFinding = {
  rule: 'dns-blocked',
  severity: 'warning',
  file: 'a,b:c%.yaml',
  line: 3,
  column: 5,
  path: 'spec.egress',
  message: '100% of pods\r\nare cut off: all',
  help: 'do this:\na: b',
  docs: 'https://docs.example/rules/dns-blocked.md',
};

function print(...findings: readonly ReportedFinding[]): string {
  return reportGithub(makeReport(findings, { files: 1, documents: 1, policies: 1 }));
}

it('reportGithub prints a command for each finding, on one line', () => {
  expect(print(finding)).toBe(
    '::warning file=a%2Cb%3Ac%25.yaml,line=3,col=5,title=dns-blocked::spec.egress: 100%25 of pods%0D%0Aare cut off: all%0Ado this:%0Aa: b%0Ahttps://docs.example/rules/dns-blocked.md\n',
  );
});

it('reportGithub prints nothing where there is nothing to say', () => {
  expect(print()).toBe('');
});

it('reportGithub prints notes as notices', () => {
  const report = makeReport([], { files: 1, documents: 1, policies: 1 }, ['50% of\nit']);
  expect(reportGithub(report)).toBe('::notice title=netpol-guard::50%25 of%0Ait\n');
});

it('reportGithub prints failures as errors, first of all', () => {
  const report = makeReport([], { files: 1, documents: 1, policies: 1 }, ['a note'], ['deploy: no such file']);
  expect(reportGithub(report)).toBe(
    '::error title=netpol-guard::deploy: no such file\n::notice title=netpol-guard::a note\n',
  );
});
