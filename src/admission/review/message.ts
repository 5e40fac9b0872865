import { cut, plain } from '../../objects/plain-text.ts';
import { printableLine } from '../../objects/printable.ts';
import type { Verdict } from '../../policy/evaluate.ts';
import { findingText, fixLines, lastLine, messageOf } from '../../policy/messages/finding-text.ts';
import type { Finding } from '../../policy/model/finding.ts';
import type { StatusCause } from './response.ts';

/** A reader handles a few findings at a time; the rest appear when these are fixed. */
const MAX_BLOCKS = 20;
/** Characters of a whole status message; some twenty findings with their YAML. */
const MAX_MESSAGE = 12_000;
/** The API server cuts warnings to 256 characters once they add up to 4096 (apiserver warning.go): 16 x 256 stay whole. */
const MAX_WARNINGS = 16;
const MAX_WARNING = 250;
const MAX_CAUSES = 100;
const MAX_ANNOTATION = 1024;
const MAX_PATH = 256;

/**
 * statusMessage is what a developer reads: one block a finding, below kubectl's own first line. `contact` is where to
 * ask.
 */
export function statusMessage(findings: readonly Finding[], contact: string): string {
  const blocks: string[] = [];
  let length = 0;
  const said = new Set<string>();
  for (const finding of findings) {
    const block = blockOf(finding, contact, said);
    length += block.length + 1;
    if (blocks.length === MAX_BLOCKS || (blocks.length > 0 && length > MAX_MESSAGE)) break;
    blocks.push(cut(block, MAX_MESSAGE));
  }
  const left = findings.length - blocks.length;
  if (left > 0) blocks.push(`and ${left} more`);
  return `\n${blocks.join('\n\n')}`;
}

/** statusCauses has one entry a finding, for machines. */
export function statusCauses(findings: readonly Finding[]): readonly StatusCause[] {
  return findings.slice(0, MAX_CAUSES).map((finding) => ({
    reason: finding.rule,
    message: cut(messageOf(finding), MAX_ANNOTATION),
    field: cut(plain(finding.path), MAX_PATH),
  }));
}

/**
 * warningsOf are findings in one short line each, with the rule that leads to the details; after them the doubts and
 * their reasons.
 */
export function warningsOf(findings: readonly Finding[]): readonly string[] {
  const doubts = new Set(findings.flatMap(({ uncertain }) => uncertain ?? []));
  return [...findings.map(warningOf), ...[...doubts].map((doubt) => `not certain: ${doubt}`)];
}

function warningOf({ short, rule, uncertain }: Finding): string {
  return fitted(short, `${uncertain === undefined ? '' : ' (not certain)'} [${rule}]`);
}

/** warningLines makes lines fit for a Warning header: short, few, without control characters. */
export function warningLines(lines: readonly string[]): readonly string[] {
  const fit = [...new Set(lines.map((line) => fitted(line, '')))];
  if (fit.length <= MAX_WARNINGS) return fit;
  return [...fit.slice(0, MAX_WARNINGS - 1), `and ${fit.length - MAX_WARNINGS + 1} more`];
}

/** auditAnnotations are `findings` and `exempted`, if there are any. */
export function auditAnnotations({ findings, exempted }: Verdict): Readonly<Record<string, string>> {
  return {
    ...(findings.length > 0 && {
      findings: joined(findings.map(({ rule, effect, path }) => `${rule} ${effect} ${path}`)),
    }),
    ...(exempted.length > 0 && { exempted: joined(exempted) }),
  };
}

function blockOf(finding: Finding, contact: string, said: Set<string>): string {
  const { headline, why, steps } = findingText(finding);
  return [...headline, ...why, ...fixLines(steps, said), lastLine(finding.docs, contact)].join('\n');
}

function joined(parts: readonly string[]): string {
  return cut(plain(parts.join('; ')), MAX_ANNOTATION);
}

function fitted(text: string, ending: string): string {
  return printableLine(cut(plain(text), MAX_WARNING - ending.length)) + ending;
}
