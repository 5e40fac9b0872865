import { describe, expect, it } from 'vitest';
import { SourceText } from '../../../src/manifests/text/source-text.ts';
import { type FindingText, WIDTH } from '../../../src/policy/messages/finding-text.ts';
import { makeReport, type ReportedFinding } from '../../../src/report/report.ts';
import { reportText } from '../../../src/report/text.ts';

const source = new SourceText('a.yaml', 'spec:\n\tegress: [{}]\n');

const finding: ReportedFinding = {
  rule: 'egress-open-to-anywhere',
  severity: 'error',
  file: 'a.yaml',
  ...source.positionAt(7),
  path: 'spec.egress[0]',
  message: 'NetworkPolicy shop/web opens every port to anywhere. spec.egress[0] opens all UDP and TCP ports.',
  help: 'Name what the pods need:\n      ports:\n        - port: 443',
  text: {
    headline: ['NetworkPolicy shop/web opens every port to anywhere [egress-open-to-anywhere]'],
    why: ['  spec.egress[0] opens all UDP and TCP ports.'],
    steps: [{ text: 'Name what the pods need', yaml: ['      ports:', '        - port: 443'] }],
  },
  docs: 'https://docs.example/rules/egress-open-to-anywhere.md',
};

/** What the linter finds before any rule: a sentence with its path, and no layout. */
const bare: ReportedFinding = {
  ...finding,
  rule: 'invalid-object',
  text: undefined,
  message: 'is "x", expected an array',
  help: 'Write a list.',
  docs: 'https://docs.example/rules/invalid-object.md',
};

function print(findings: readonly ReportedFinding[], { colours = false, contact = '' } = {}, texts = [source]): string {
  const report = makeReport(findings, { files: 1, documents: 2, policies: 1 });
  return reportText(report, new Map(texts.map((text) => [text.file, text])), { colours, contact });
}

describe('reportText', () => {
  it('shows the line with its word underlined, why, what to do, and the page', () => {
    expect(
      print([finding]),
    ).toBe(`a.yaml:2:2: error: NetworkPolicy shop/web opens every port to anywhere [egress-open-to-anywhere]
  2 | \tegress: [{}]
    | \t^^^^^^
  spec.egress[0] opens all UDP and TCP ports.
  Name what the pods need:
      ports:
        - port: 443
  More: https://docs.example/rules/egress-open-to-anywhere.md

1 error, 0 warnings: 1 policy in 1 file (2 documents)
`);
  });

  it('breaks what has no layout so that its place fits on the first line, and no command or path is broken', () => {
    const message =
      'is a patch of a kustomization, not a whole object, like 3 more; render it first: kustomize build live | netpol-guard lint -';
    for (const file of ['a.yaml', 'live/patches/a-patch.yaml', `${'live/'.repeat(30)}a.yaml`]) {
      const lines = print([{ ...bare, file, message, path: 'spec' }])
        .split('\n')
        .slice(0, -1);
      const headline = lines.slice(0, lines.findIndex((line) => line.includes('[invalid-object]')) + 1);
      expect(headline[0]).toMatch(/: error: spec: is\b/);
      if (file.length < WIDTH) expect(Math.max(...headline.map(({ length }) => length))).toBeLessThanOrEqual(WIDTH);
      expect(headline.join(' ').replaceAll(/ +/g, ' ')).toContain(`spec: ${message} [invalid-object]`);
      expect(headline.filter((line) => /[:|]$|^ *[|-]/.test(line))).toEqual([]);
    }
  });

  it('underlines one character where no word begins', () => {
    expect(print([{ ...finding, ...source.positionAt(15) }])).toContain('| \tegress: [{}]\n    | \t        ^\n');
  });

  it('says whom to ask, below each finding', () => {
    const lines = print([finding, bare], { contact: '#platform-help' }).split('\n');
    expect(lines.filter((line) => line.startsWith('  More: '))).toEqual(
      [finding, bare].map(({ docs }) => `  More: ${docs}   Questions: #platform-help`),
    );
  });

  it('shows the fix of an object once where two findings have the same, and each of two objects', () => {
    const at = (more: Partial<ReportedFinding>) => ({ ...finding, namespace: 'shop', name: 'web', ...more });
    const text = { ...(finding.text as FindingText), steps: [{ text: 'Leave it', yaml: [] }] };
    const again = print([at({ rule: 'a' }), at({ rule: 'b' }), at({ rule: 'c', text })]);
    expect(again.match(/^ {2}Name what the pods need:$/gm)).toHaveLength(1);
    expect(again.match(/^ {2}The same fix as above\.$/gm)).toHaveLength(1);
    expect(again).toContain('  Leave it.\n');
    const others = [at({ name: 'a' }), at({ name: 'b' }), at({ name: 'b', namespace: 'c' }), at({ file: 'b.yaml' })];
    expect(print(others)).not.toContain('as above');
  });

  it('lays out at spaces what came without a layout', () => {
    const long = { ...bare, message: 'word '.repeat(40), help: 'help '.repeat(40) };
    const [first = '', ...others] = print([long]).split('\n');
    expect(first).toMatch(/^a\.yaml:2:2: error: spec\.egress\[0\]: word /);
    expect(first.replace(/^.*?error: /, '').length).toBeLessThanOrEqual(WIDTH);
    for (const line of others) expect(line.length).toBeLessThanOrEqual(WIDTH);
    expect(others.join(' ').match(/\b(?:word|help)\b/g)).toHaveLength(80 - (first.match(/word/g) ?? []).length);
  });

  it('says that all is well', () => {
    expect(print([])).toBe('clean: 1 policy in 1 file (2 documents)\n');
  });

  it('does not say so where not all was judged', () => {
    const report = makeReport([], { files: 1, documents: 2, policies: 1 }, [], ['deploy: no such file or folder']);
    expect(reportText(report, new Map(), { colours: false, contact: '' })).toBe(
      'incomplete: 1 policy in 1 file (2 documents)\n',
    );
  });

  it('names the object where there is no file', () => {
    const { file: _, line: __, column: ___, offset: ____, ...placeless } = finding;
    expect(print([placeless]).split('\n')[0]).toBe(
      'error: NetworkPolicy shop/web opens every port to anywhere [egress-open-to-anywhere]',
    );
  });

  it('colours only where it is told to', () => {
    const escape = '\u001b[';
    expect(print([finding])).not.toContain(escape);
    expect(print([finding], { colours: true })).toContain(`${escape}31;1merror${escape}0m`);
  });

  it('lets no file speak to the terminal', () => {
    const hostile = new SourceText('a\u001b[2J.yaml', 'a: \u001b[31m\u202e\u0085b\n');
    const evil = '\u001b]0;title\u0007';
    const text = { headline: [evil, `  ${evil}`], why: [`  ${evil}`], steps: [{ text: evil, yaml: [] }] };
    const at = { file: hostile.file, ...hostile.positionAt(3), docs: evil };
    const printed = print(
      [
        { ...finding, ...at, text },
        { ...bare, ...at, message: evil, help: evil },
      ],
      { contact: evil },
      [hostile],
    );
    for (const char of '\u001b\u202e\u0085\u0007') expect(printed).not.toContain(char);
    expect(printed).toContain('a\ufffd[2J.yaml:1:4');
    expect(printed.match(/title/g)).toHaveLength(10);
  });
});

it('makeReport sorts by file, line, column and rule', () => {
  const at = (file: string, line: number, column: number, rule: string) => ({ ...finding, file, line, column, rule });
  const sorted = [at('a', 1, 2, 'x'), at('a', 1, 10, 'x'), at('a', 2, 1, 'w'), at('a', 2, 1, 'x'), at('b', 1, 1, 'x')];
  const { findings, summary } = makeReport([...sorted].reverse(), { files: 2, documents: 2, policies: 2 });
  expect(findings).toEqual(sorted);
  expect(summary).toEqual({ files: 2, documents: 2, policies: 2, errors: 5, warnings: 0 });
});
