import { expect, it } from 'vitest';
import { fingerprints } from '../../../src/report/fingerprints.ts';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';
import { RULE_PAGES } from '../../../src/report/rule-pages.ts';
import { reportSarif } from '../../../src/report/sarif.ts';

const finding: ReportedFinding = {
  rule: 'dns-open-to-anywhere',
  severity: 'error',
  file: 'a.yaml',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'web',
  path: 'spec.egress[0]',
  message: 'x',
  docs: 'https://docs.example/rules/dns-open-to-anywhere.md',
};

interface Rule {
  readonly id: string;
  readonly help: { readonly markdown: string };
  readonly properties: { readonly tags: readonly string[]; readonly 'security-severity'?: string };
}

interface Result {
  readonly message: { readonly markdown: string };
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

function runOf(...findings: readonly ReportedFinding[]) {
  const report = makeReport(findings, { files: 1, documents: 1, policies: 1 });
  const log = JSON.parse(reportSarif(report, '1.2.3', 'https://docs.example')) as {
    readonly runs: readonly [
      { readonly tool: { readonly driver: { readonly rules: readonly Rule[] } }; readonly results: readonly Result[] },
    ];
  };
  const [{ tool, results }] = log.runs;
  return { rules: tool.driver.rules, results };
}

it('a finding keeps its fingerprint while lines and places in lists move, and two of a sort are two', () => {
  const moved = { ...finding, line: 7, path: 'spec.egress[3]' };
  expect(fingerprints([finding])).toEqual(fingerprints([moved]));
  expect(new Set(fingerprints([finding, moved])).size).toBe(2);
  expect(fingerprints([{ ...finding, name: 'api' }])).not.toEqual(fingerprints([finding]));
  expect(runOf(finding).results[0]?.partialFingerprints).toEqual({
    'netpolGuardFinding/v1': fingerprints([finding])[0],
  });
});

it('what opens something has a severity that services sort by, and what breaks a workload has none', () => {
  const { rules } = runOf();
  const severityOf = (id: string) => rules.find((rule) => rule.id === id)?.properties;
  expect(severityOf('egress-open-to-anywhere')).toMatchObject({ 'security-severity': '8.0' });
  expect(severityOf('egress-open-to-anywhere')?.tags).toContain('security');
  expect(severityOf('dns-blocked')).toEqual({ tags: ['kubernetes', 'dns'] });
  expect(rules.filter(({ properties }) => properties['security-severity'] !== undefined).length).toBeGreaterThan(5);
});

it('the help of a rule shows its YAML in fences, and its links lead somewhere from everywhere', () => {
  const { rules } = runOf();
  expect(rules).toHaveLength(RULE_PAGES.length);
  for (const { id, help } of rules) {
    expect(help.markdown.match(/```yaml\n/g), id).toHaveLength(2);
    for (const [, target = ''] of help.markdown.matchAll(/\]\(([^)\s]+)\)/g)) expect(target, id).toMatch(/^https?:/);
  }
  const { help } = rules.find(({ id }) => id === 'dns-open-to-anywhere') as Rule;
  expect(help.markdown).toContain('(https://docs.example/rules/dns-open-to-outside-resolver.md)');
});

it('a fix is fenced, and no name lays anything out', () => {
  const fix = {
    description: 'Add this rule to spec.egress of [x](https://evil.example)',
    path: 'spec.egress',
    yaml: '    - to: []',
  };
  const { results } = runOf({ ...finding, message: 'NetworkPolicy shop/<b> `x` opens', fix });
  const { markdown } = (results[0] as Result).message;
  expect(markdown).toContain('```yaml\n    - to: []\n```');
  expect(markdown).toContain('\\<b\\> \\`x\\`');
  expect(markdown).not.toContain('[x](');
});
