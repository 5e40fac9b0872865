import { cutMiddle, plain } from '../../objects/plain-text.ts';
import { printableLine } from '../../objects/printable.ts';
import { wrap } from '../../objects/wrap.ts';
import type { Finding } from '../model/finding.ts';
import { yamlOf } from '../model/fix.ts';

/** WIDTH is the longest line in columns, but for YAML and addresses, which cannot be broken. */
export const WIDTH = 79;

/**
 * FindingText is a finding as a person reads it. Its lines contain only printable characters, and no line is a command
 * to the runner of a pipeline, regardless of line breaks.
 */
export interface FindingText {
  /** `NetworkPolicy shop/web cuts pods app=web off from DNS [dns-blocked]`; two lines if one would be too long. */
  readonly headline: readonly string[];
  /** The reason, and what is not certain about it. */
  readonly why: readonly string[];
  /** What to do, step by step. YAML begins in the column where it belongs. */
  readonly steps: readonly StepText[];
}

/** StepText is one thing to do. */
export interface StepText {
  readonly text: string;
  readonly yaml: readonly string[];
}

/** findingText lays a finding out. */
export function findingText(finding: Finding): FindingText {
  const { why, uncertain, fix } = finding;
  const doubt = uncertain === undefined ? [] : indented(`Not certain: ${uncertain}.`);
  return {
    headline: headlineOf(finding),
    why: [...indented(why), ...doubt],
    steps: fix.steps.map((step) => ({ text: step.text, yaml: yamlOf(step) })),
  };
}

/**
 * fixLines lays out the steps of a fix. It does not repeat what was `said` above about the same object, so that nobody
 * pastes it twice, and adds what it shows to `said`.
 */
export function fixLines(steps: readonly StepText[], said: Set<string> = new Set()): readonly string[] {
  const keys = steps.map(({ text, yaml }) => [text, ...yaml].join('\n'));
  const isAbove = keys.map((key) => said.has(key));
  for (const key of keys) said.add(key);
  if (isAbove.every(Boolean)) return ['  The same fix as above.'];
  return steps.flatMap((step, i) => (isAbove[i] === true ? indented(`${step.text}, as above.`) : stepLines(step)));
}

/** messageOf is the headline and the reason, in one line for machines. */
export function messageOf(finding: Finding): string {
  const { headline, why, uncertain } = finding;
  const doubt = uncertain === undefined ? '' : ` Not certain: ${uncertain}.`;
  return plain(`${subjectOf(finding)} ${headline}. ${why}${doubt}`);
}

/** lastLine leads to more: `More: https://… Questions: #platform-help`. */
export function lastLine(docs: string, contact: string): string {
  return plain(`  More: ${docs}${contact === '' ? '' : `   Questions: ${contact}`}`);
}

function headlineOf(finding: Finding): readonly string[] {
  const subject = plain(subjectOf(finding));
  const predicate = plain(`${finding.headline} [${finding.rule}]`);
  if (subject.length + 1 + predicate.length <= WIDTH) return [printableLine(`${subject} ${predicate}`)];
  return [printableLine(cutMiddle(subject, WIDTH)), ...indented(predicate)];
}

function subjectOf({ object: { kind, namespace, name }, isDeletion }: Finding): string {
  const object = `${kind} ${namespace}/${name ?? '(no name yet)'}`;
  return isDeletion ? `Deleting ${object}` : object;
}

function stepLines({ text, yaml }: StepText): readonly string[] {
  return [...indented(`${text}${yaml.length > 0 ? ':' : '.'}`), ...yaml.map((line) => printableLine(plain(line)))];
}

function indented(text: string): readonly string[] {
  return wrap(plain(text), WIDTH - 2).map((line) => printableLine(`  ${line}`));
}
