import type { SourceText } from '../manifests/text/source-text.ts';
import { printable, printableLine, printablePath } from '../objects/printable.ts';
import { wrap } from '../objects/wrap.ts';
import { fixLines, lastLine, WIDTH } from '../policy/messages/finding-text.ts';
import { headlineOf, type Report, type ReportedFinding } from './report.ts';

const STYLES = { error: '31;1', warning: '33;1', faint: '2', strong: '1' } as const;
type Style = keyof typeof STYLES;
type Paint = (style: Style, text: string) => string;

type Texts = ReadonlyMap<string, SourceText>;

/** TextOptions is how a report is printed, and where its reader may ask. */
export interface TextOptions {
  readonly colours: boolean;
  /** Empty for none. */
  readonly contact: string;
}

/** reportText prints a report for people: each finding with its line of the file, why it is so, and what to do. */
export function reportText(report: Report, texts: Texts, { colours, contact }: TextOptions): string {
  const paint: Paint = (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const saidOf = new Map<string, Set<string>>();
  const blocks = report.findings.map((finding) => {
    const said = saidAbove(finding, saidOf);
    const lines = [
      ...firstLines(finding, paint),
      ...excerpt(finding, texts, paint),
      ...body(finding, said),
      paint('faint', printable(lastLine(finding.docs, contact))),
    ];
    return lines.map((line) => `${line}\n`).join('');
  });
  return [...blocks, summaryLine(report, paint)].join('\n');
}

/** If there is a file, its place comes first, as editors and problem matchers read it. */
function firstLines(finding: ReportedFinding, paint: Paint): readonly string[] {
  const { severity, file, line, column } = finding;
  const place = file === undefined ? '' : `${printablePath(file)}:${line ?? 1}:${column ?? 1}`;
  const before = place === '' ? `${severity}: ` : `${place}: ${severity}: `;
  const [first = '', ...others] = headlineOf(finding, before.length);
  const shownPlace = place === '' ? '' : `${paint('strong', place)}: `;
  return [
    `${shownPlace}${paint(severity, severity)}: ${paint('strong', printable(first))}`,
    ...others.map(printableLine),
  ];
}

function body({ text, help = '' }: ReportedFinding, said: Set<string>): readonly string[] {
  if (text === undefined)
    return help.split('\n').flatMap((line) => wrap(line, WIDTH - 2).map((part) => printableLine(`  ${part}`)));
  return [...text.why, ...fixLines(text.steps, said)].map(printableLine);
}

/** What was said above of the object that a finding is about. */
function saidAbove({ file, namespace, name }: ReportedFinding, saidOf: Map<string, Set<string>>): Set<string> {
  const object = JSON.stringify([file, namespace, name]);
  const said = saidOf.get(object) ?? new Set();
  saidOf.set(object, said);
  return said;
}

function excerpt({ file, line, offset }: ReportedFinding, texts: Texts, paint: Paint): readonly string[] {
  const source = file === undefined ? undefined : texts.get(file);
  if (source === undefined || line === undefined || offset === undefined) return [];
  const { text, before } = source.excerptAt(offset);
  if (text.trim() === '') return [];
  const gutter = ' '.repeat(String(line).length);
  const indent = before.replaceAll(/[^\t]/gu, ' ');
  const [word = ''] = /^[\w./-]+/.exec(text.slice(before.length)) ?? [];
  return [
    `  ${paint('faint', `${line} |`)} ${printable(text)}`,
    `  ${paint('faint', `${gutter} |`)} ${indent}${paint('strong', '^'.repeat(Math.max(1, word.length)))}`,
  ];
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
