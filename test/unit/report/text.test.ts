import { describe, expect, it } from 'vitest';
import { SourceText } from '../../../src/manifests/text/source-text.ts';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';
import { reportText } from '../../../src/report/text.ts';

const source = new SourceText('a.yaml', 'spec:\n\tegress: [{}]\n');

const finding: ReportedFinding = {
  rule: 'egress-open-to-anywhere',
  severity: 'error',
  file: 'a.yaml',
  ...source.positionAt(7),
  path: 'spec.egress[0]',
  message: 'opens every port',
  help: 'add a `to`:\nto:\n  - podSelector: {}',
  docs: 'https://docs.example/rules/egress-open-to-anywhere.md',
};

function print(findings: readonly ReportedFinding[], colours = false, texts = [source]): string {
  const report = makeReport(findings, { files: 1, documents: 2, policies: 1 });
  return reportText(report, new Map(texts.map((text) => [text.file, text])), colours);
}

describe('reportText', () => {
  it('shows the line with a caret, what to do, and the page', () => {
    expect(print([finding])).toBe(`a.yaml:2:2: error: spec.egress[0]: opens every port [egress-open-to-anywhere]
  2 | \tegress: [{}]
    | \t^
  help: add a \`to\`:
    to:
      - podSelector: {}
  docs: https://docs.example/rules/egress-open-to-anywhere.md

1 error, 0 warnings: 1 policy in 1 file (2 documents)
`);
  });

  it('says that all is well', () => {
    expect(print([])).toBe('clean: 1 policy in 1 file (2 documents)\n');
  });

  it('does not say so where not all was judged', () => {
    const report = makeReport([], { files: 1, documents: 2, policies: 1 }, [], ['deploy: no such file or folder']);
    expect(reportText(report, new Map(), false)).toBe('incomplete: 1 policy in 1 file (2 documents)\n');
  });

  it('names the object where there is no file', () => {
    const { file: _, line: __, column: ___, offset: ____, ...bare } = finding;
    const live = { ...bare, kind: 'NetworkPolicy', namespace: 'shop', name: 'web' };
    expect(print([live]).split('\n')[0]).toBe(
      'NetworkPolicy shop/web: error: spec.egress[0]: opens every port [egress-open-to-anywhere]',
    );
  });

  it('colours only where it is told to', () => {
    const escape = '\u001b[';
    expect(print([finding])).not.toContain(escape);
    expect(print([finding], true)).toContain(`${escape}31;1merror${escape}0m`);
  });

  it('lets no file speak to the terminal', () => {
    const hostile = new SourceText('a\u001b[2J.yaml', 'a: \u001b[31m\u202e\u0085b\n');
    const text = print(
      [{ ...finding, file: hostile.file, ...hostile.positionAt(3), message: '\u001b]0;title\u0007' }],
      false,
      [hostile],
    );
    for (const char of '\u001b\u202e\u0085\u0007') expect(text).not.toContain(char);
    expect(text).toContain('a\ufffd[2J.yaml:1:4');
  });
});

it('makeReport sorts by file, line, column and rule', () => {
  const at = (file: string, line: number, column: number, rule: string) => ({ ...finding, file, line, column, rule });
  const sorted = [at('a', 1, 2, 'x'), at('a', 1, 10, 'x'), at('a', 2, 1, 'w'), at('a', 2, 1, 'x'), at('b', 1, 1, 'x')];
  const { findings, summary } = makeReport([...sorted].reverse(), { files: 2, documents: 2, policies: 2 });
  expect(findings).toEqual(sorted);
  expect(summary).toEqual({ files: 2, documents: 2, policies: 2, errors: 5, warnings: 0 });
});
