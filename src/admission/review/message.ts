import { cut, plain } from '../../objects/plain-text.ts';
import type { Verdict } from '../../policy/evaluate.ts';
import type { Finding } from '../../policy/model/finding.ts';
import type { StatusCause } from './response.ts';

/** A reader takes in a few findings at a time; the rest come when these are mended. */
const MAX_BLOCKS = 20;
/** Characters of a whole status message; some twenty findings with their YAML. */
const MAX_MESSAGE = 12_000;
/** The API server cuts warnings to 256 characters once they add up to 4096 (apiserver warning.go): 10 x 120 stay whole. */
const MAX_WARNINGS = 10;
const MAX_WARNING = 120;
const MAX_CAUSES = 100;
const MAX_ANNOTATION = 1024;
const MAX_PATH = 256;

/** statusMessage is what a developer reads: one block a finding, below kubectl's own first line. */
export function statusMessage(findings: readonly Finding[]): string {
  const blocks: string[] = [];
  let length = 0;
  for (const finding of findings) {
    const block = blockOf(finding);
    length += block.length + 1;
    if (blocks.length === MAX_BLOCKS || (blocks.length > 0 && length > MAX_MESSAGE)) break;
    blocks.push(cut(block, MAX_MESSAGE));
  }
  const left = findings.length - blocks.length;
  if (left > 0) blocks.push(`and ${left} more`);
  return `\n${blocks.join('\n')}`;
}

/** statusCauses has one entry a finding, for machines. */
export function statusCauses(findings: readonly Finding[]): readonly StatusCause[] {
  return findings.slice(0, MAX_CAUSES).map(({ rule, message, path }) => ({
    reason: rule,
    message: cut(plain(message), MAX_ANNOTATION),
    field: cut(plain(path), MAX_PATH),
  }));
}

/** warningsOf are findings in one short line each, whose rule leads to the rest, and behind them what is in doubt, and why. */
export function warningsOf(findings: readonly Finding[]): readonly string[] {
  const doubts = new Set(findings.flatMap(({ uncertain }) => uncertain ?? []));
  return [...findings.map(warningOf), ...[...doubts].map((doubt) => `not certain: ${doubt}`)];
}

function warningOf({ path, message, rule, uncertain }: Finding): string {
  const doubt = uncertain === undefined ? '' : ' (not certain)';
  return fitted(`${path}: ${message}`, `${doubt} [${rule}]`);
}

/** warningLines makes lines fit for a Warning header: short, few, without control characters. */
export function warningLines(lines: readonly string[]): readonly string[] {
  const fit = [...new Set(lines.map((line) => fitted(line, '')))];
  if (fit.length <= MAX_WARNINGS) return fit;
  return [...fit.slice(0, MAX_WARNINGS - 1), `and ${fit.length - MAX_WARNINGS + 1} more`];
}

/** auditAnnotations are `findings` and `exempted`, where there are any. */
export function auditAnnotations({ findings, exempted }: Verdict): Readonly<Record<string, string>> {
  return {
    ...(findings.length > 0 && {
      findings: joined(findings.map(({ rule, effect, path }) => `${rule} ${effect} ${path}`)),
    }),
    ...(exempted.length > 0 && { exempted: joined(exempted) }),
  };
}

function blockOf({ path, message, fix, rule, docs }: Finding): string {
  const yaml = fix.yaml === undefined ? [] : fix.yaml.trimEnd().split('\n');
  const advice = `${path}: ${message}; ${fix.description}${yaml.length > 0 ? ':' : ''}`;
  return [advice, ...yaml.map((line) => `  ${line}`), `[${rule}] ${docs}`].map(plain).join('\n');
}

function joined(parts: readonly string[]): string {
  return cut(plain(parts.join('; ')), MAX_ANNOTATION);
}

function fitted(text: string, ending: string): string {
  return cut(plain(text), MAX_WARNING - ending.length) + ending;
}
