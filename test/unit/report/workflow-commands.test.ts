import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusMessage, warningLines, warningsOf } from '../../../src/admission/review/message.ts';
import { explain } from '../../../src/commands/explain.ts';
import { lint, lintSources } from '../../../src/commands/lint.ts';
import { printScan } from '../../../src/commands/scan.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import { SourceText } from '../../../src/manifests/text/source-text.ts';
import { findingText } from '../../../src/policy/messages/finding-text.ts';
import type { Finding } from '../../../src/policy/model/finding.ts';
import { fixOf } from '../../../src/policy/model/fix.ts';
import { reportGithub } from '../../../src/report/github.ts';
import { reportJson } from '../../../src/report/json.ts';
import { makeReport, type Report, type ReportedFinding } from '../../../src/report/report.ts';
import { reportSarif } from '../../../src/report/sarif.ts';
import { reportText } from '../../../src/report/text.ts';
import { obeyed } from '../cli/runner.ts';
import { testIo, withFiles } from '../cli/setup.ts';
import { hostileText } from '../objects/hostile-text.ts';

const { settings } = await loadConfiguration(undefined);
const FINDING: Omit<Finding, 'headline' | 'why' | 'short' | 'fix' | 'object'> = {
  rule: 'dns-blocked',
  level: 'standard',
  effect: 'deny',
  path: 'spec.egress[0]',
  blamed: true,
  isDeletion: false,
  docs: 'https://docs.example/rules/dns-blocked.md',
};
const COUNTS = { files: 1, documents: 1, policies: 1 };

/** A manifest whose every free place holds a hostile text, or a text that is no manifest. */
const manifest = fc.oneof(
  fc
    .array(hostileText(5), { minLength: 6, maxLength: 6 })
    .map(([name, key, value, port, cidr, comment]) =>
      [
        `# ${(comment ?? '').replaceAll(/[\r\n\u0085\u2028\u2029]/g, '')}`,
        'apiVersion: networking.k8s.io/v1',
        'kind: NetworkPolicy',
        `metadata: {name: ${quoted(name)}, labels: {${quoted(key)}: ${quoted(value)}}}`,
        `spec: {podSelector: {matchLabels: {${quoted(key)}: ${quoted(value)}}}, policyTypes: [Egress],`,
        `  egress: [{ports: [{port: ${quoted(port)}}], to: [{ipBlock: {cidr: ${quoted(cidr)}}}]}]}`,
      ].join('\n'),
    ),
  fc
    .tuple(hostileText(), hostileText())
    .map(([kind, level]) =>
      [
        `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ${quoted(kind)},`,
        ` "labels": {"netpol-guard.io/enforce": ${quoted(level)}}}}`,
      ].join('\n'),
    ),
  hostileText(20),
);

function quoted(text = ''): string {
  return JSON.stringify(text);
}

/** A layout of texts that a stranger wrote, which is broken at their spaces. */
const laidOut = fc
  .record({
    headline: hostileText(12),
    why: hostileText(16),
    short: hostileText(),
    uncertain: fc.option(hostileText(16), { nil: undefined }),
    step: hostileText(12),
    value: hostileText(),
    name: hostileText(16),
  })
  .map(({ step, value, name, ...texts }) => {
    const fix = fixOf(step, { kind: 'set', path: 'spec.egress[0].to', value: { [value]: [value, value] } });
    const object = { apiVersion: 'v1', kind: 'NetworkPolicy', namespace: 'shop', name };
    return { ...FINDING, ...texts, fix, object };
  });

/** Every field that a stranger can fill, in a finding with a place and in one of a live cluster. */
const finding = fc
  .record({
    file: fc.option(hostileText(), { nil: undefined }),
    message: hostileText(),
    kind: hostileText(),
    namespace: hostileText(),
    name: hostileText(),
    path: hostileText(),
    help: hostileText(),
    severity: fc.constantFrom('error', 'warning'),
    text: fc.option(laidOut.map(findingText), { nil: undefined }),
  })
  .map(({ file, ...rest }): ReportedFinding => {
    const placed = file === undefined ? {} : { file, line: 1, column: 1, offset: 0 };
    return { rule: 'dns-blocked', docs: 'https://docs.example/rules/dns-blocked.md', ...rest, ...placed };
  });

function reports(report: Report, texts: ReadonlyMap<string, SourceText>): readonly string[] {
  return [
    reportText(report, texts, { colours: false, contact: '' }),
    reportText(report, texts, { colours: true, contact: '#platform-help' }),
    reportJson(report),
    reportSarif(report, '1.2.3', 'https://docs.example'),
  ];
}

/** What `--format github` itself says, and nothing that is in it. */
function expectOwnCommands(report: Report): void {
  const lines = reportGithub(report).split('\n').slice(0, -1);
  expect(lines).toHaveLength(report.findings.length + report.notes.length);
  for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) (?:\w+=[^,:\r]*,?)+::[^\r]*$/u);
}

describe('no line of output is a command to the runner of a pipeline', () => {
  it('whatever a finding or a note says', () => {
    const given = fc.tuple(fc.array(finding, { maxLength: 3 }), fc.array(hostileText(), { maxLength: 2 }));
    fc.assert(
      fc.property(given, hostileText(), ([findings, notes], text) => {
        const report = makeReport(findings, COUNTS, notes);
        const texts = new Map(findings.map(({ file = '' }) => [file, new SourceText(file, text)]));
        for (const printed of reports(report, texts)) expect(obeyed(printed)).toEqual([]);
        expectOwnCommands(report);
        const io = testIo();
        printScan(report, 'text', '', io);
        expect(obeyed(io.printed.out + io.printed.err)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever a refusal quotes, which kubectl prints in a pipeline', () => {
    fc.assert(
      fc.property(fc.array(laidOut, { minLength: 1, maxLength: 3 }), hostileText(), (refused, contact) => {
        expect(obeyed(statusMessage(refused, contact))).toEqual([]);
        for (const line of warningLines(warningsOf(refused))) expect(obeyed(`Warning: ${line}`)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever stands in the files, and whatever they are called', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileText(), manifest), { minLength: 1, maxLength: 3 }), (files) => {
        const texts = files.map(([file, text]) => new SourceText(file, text));
        const { report } = lintSources({ texts, unreadable: [] }, settings, 'default', 0);
        found += report.findings.length;
        const byFile = new Map(texts.map((text) => [text.file, text]));
        for (const printed of reports(report, byFile)) expect(obeyed(printed)).toEqual([]);
        expectOwnCommands(report);
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('where paths are missing or passed over', async () => {
    const name = '\n::stop-commands::x\r##[error]y.yaml';
    await withFiles({ [name]: 'a: [', 'b.yaml': '' }, async (folder) => {
      const io = testIo();
      const paths = [folder, `${name}\n::error::z`];
      expect(await lint({ paths, namespace: 'default', format: 'text', version: '' }, io)).toBe(2);
      expect(io.printed.err).toContain('no such file');
      expect(obeyed(io.printed.err)).toEqual([]);
      expect(obeyed(io.printed.out)).toEqual([]);
      expect(io.printed.out).toContain('stop-commands');
    });
  });

  it('where a rule is asked for that there is none of', () => {
    const io = testIo();
    explain('a\n::stop-commands::x', io);
    expect(obeyed(io.printed.err)).toEqual([]);
  });
});
