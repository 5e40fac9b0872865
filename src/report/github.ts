import { printable } from '../objects/printable.ts';
import { type Report, type ReportedFinding, sentenceOf } from './report.ts';

/**
 * reportGithub prints workflow commands, which GitHub shows beside the lines of a pull request
 * (docs.github.com, "Workflow commands": `::error file=…,line=…,col=…,title=…::message`).
 */
export function reportGithub({ findings, notes }: Report): string {
  return [...findings.map(command), ...notes.map((note) => `::notice title=netpol-guard::${data(note)}\n`)].join('');
}

function command(finding: ReportedFinding): string {
  const { severity, rule, file, line, column, help, docs } = finding;
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`, `line=${line ?? 1}`, `col=${column ?? 1}`]),
    `title=${property(rule)}`,
  ];
  const text = [sentenceOf(finding), ...(help === undefined ? [] : [help]), docs];
  return `::${severity} ${properties.join(',')}::${data(text.join('\n'))}\n`;
}

/** As @actions/core escapes them: what ends a command, and in properties what ends a property. */
function data(text: string): string {
  return printable(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
