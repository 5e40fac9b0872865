import type { SourceText } from '../manifests/text/source-text.ts';
import { printable, printableLine, printablePath } from '../objects/printable.ts';
import type { Report, ReportedFinding } from './report.ts';

const STYLES = { error: '31;1', warning: '33;1', faint: '2', strong: '1' } as const;
type Style = keyof typeof STYLES;
type Paint = (style: Style, text: string) => string;

type Texts = ReadonlyMap<string, SourceText>;

/** reportText prints a report for people: the line of each finding with a caret, then what to do. */
export function reportText(report: Report, texts: Texts, colours: boolean): string {
  const paint: Paint = (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const blocks = report.findings.map((finding) => block(finding, texts, paint));
  return [...blocks, summaryLine(report, paint)].join('\n');
}

function block(finding: ReportedFinding, texts: Texts, paint: Paint): string {
  const { severity, rule, path, message } = finding;
  const what = path === undefined ? message : `${path}: ${message}`;
  const lines = [
    `${paint('strong', placeOf(finding))}: ${paint(severity, severity)}: ${printable(what)} ${paint('faint', `[${rule}]`)}`,
    ...excerpt(finding, texts, paint),
    ...help(finding, paint),
    `  ${paint('faint', 'docs:')} ${printable(finding.docs)}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function placeOf({ file, line, column, kind, namespace, name }: ReportedFinding): string {
  if (file !== undefined) return `${printablePath(file)}:${line ?? 1}:${column ?? 1}`;
  return printableLine(`${kind ?? 'object'} ${namespace === undefined ? '' : `${namespace}/`}${name ?? '(no name)'}`);
}

function excerpt({ file, line, offset }: ReportedFinding, texts: Texts, paint: Paint): readonly string[] {
  const source = file === undefined ? undefined : texts.get(file);
  if (source === undefined || line === undefined || offset === undefined) return [];
  const { text, before } = source.excerptAt(offset);
  if (text.trim() === '') return [];
  const gutter = ' '.repeat(String(line).length);
  const indent = before.replaceAll(/[^\t]/gu, ' ');
  return [
    `  ${paint('faint', `${line} |`)} ${printable(text)}`,
    `  ${paint('faint', `${gutter} |`)} ${indent}${paint('strong', '^')}`,
  ];
}

function help({ help: text }: ReportedFinding, paint: Paint): readonly string[] {
  if (text === undefined) return [];
  const [first = '', ...yaml] = text.split('\n');
  return [`  ${paint('strong', 'help:')} ${printable(first)}`, ...yaml.map((line) => printableLine(`    ${line}`))];
}

function summaryLine({ failures, summary }: Report, paint: Paint): string {
  const { files, documents, policies, errors, warnings } = summary;
  const nothing = failures.length === 0 ? 'clean' : 'incomplete';
  const found = errors + warnings === 0 ? nothing : `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const where = files === 0 ? '' : ` in ${count(files, 'file')} (${count(documents, 'document')})`;
  return `${paint(errors > 0 ? 'error' : 'strong', found)}: ${policies} ${policies === 1 ? 'policy' : 'policies'}${where}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
