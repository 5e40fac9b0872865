import { wrap } from '../objects/wrap.ts';
import { type FindingText, WIDTH } from '../policy/messages/finding-text.ts';

/** ReportedFinding is one line of a report: a fault, its place if there is a file, and what to do. */
export interface ReportedFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** Present only where the verdict is not certain. */
  readonly certain?: false | undefined;
  readonly file?: string | undefined;
  /** From 1. */
  readonly line?: number | undefined;
  /** From 1, in code points. */
  readonly column?: number | undefined;
  /** The same place in UTF-16 units from the file's start. */
  readonly offset?: number | undefined;
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  /** What is wrong and why, in sentences that name the object. */
  readonly message: string;
  /** The same in one line. */
  readonly short?: string | undefined;
  /** What to do; lines of YAML to paste follow the line with the place. */
  readonly help?: string | undefined;
  readonly fix?: ReportedFix | undefined;
  /** The finding laid out for a terminal; absent if there is only `message`. */
  readonly text?: FindingText | undefined;
  /** Address of the rule's page. */
  readonly docs: string;
}

/** ReportedFix is what to do, for machines. */
export interface ReportedFix {
  readonly description: string;
  /** Of what is added or replaced; absent for a policy to apply, and where there is nothing to paste. */
  readonly path?: string | undefined;
  /** Lines that begin in the column where they belong. */
  readonly yaml?: string | undefined;
}

/** sentenceOf is the message, with its path if the message names no object. */
export function sentenceOf({ text, path, message }: ReportedFinding): string {
  return text === undefined && path !== undefined ? `${path}: ${message}` : message;
}

/** headlineOf returns the first lines of a finding; what has no layout of its own is broken at spaces. */
export function headlineOf(finding: ReportedFinding): readonly string[] {
  if (finding.text !== undefined) return finding.text.headline;
  const [first = '', ...others] = wrap(`${sentenceOf(finding)} [${finding.rule}]`, WIDTH - 2);
  return [first, ...others.map((line) => `  ${line}`)];
}

/** Summary counts what a report is made of. */
export interface Summary {
  readonly files: number;
  readonly documents: number;
  readonly policies: number;
  readonly errors: number;
  readonly warnings: number;
}

/** Report is the outcome of `lint` and `scan`, in every format. */
export interface Report {
  /** Sorted by file, line, column and rule; by namespace and name where there are no files. */
  readonly findings: readonly ReportedFinding[];
  readonly summary: Summary;
  /** Further notes, such as an exemption that has expired. */
  readonly notes: readonly string[];
  /** What kept it from judging everything: a missing path, or no input at all. */
  readonly failures: readonly string[];
}

/** makeReport sorts the findings and counts them. */
export function makeReport(
  findings: readonly ReportedFinding[],
  counts: Pick<Summary, 'files' | 'documents' | 'policies'>,
  notes: readonly string[] = [],
  failures: readonly string[] = [],
): Report {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    findings: [...findings].sort(compareFindings),
    summary: { ...counts, errors, warnings: findings.length - errors },
    notes,
    failures,
  };
}

/** What findings are sorted by: the first in which they differ. */
const KEYS: readonly ((finding: ReportedFinding) => string | number)[] = [
  ({ file = '' }) => file,
  ({ line = 0 }) => line,
  ({ column = 0 }) => column,
  ({ rule }) => rule,
  ({ namespace = '' }) => namespace,
  ({ name = '' }) => name,
  ({ path = '' }) => path,
  ({ message }) => message,
];

function compareFindings(a: ReportedFinding, b: ReportedFinding): number {
  for (const key of KEYS) {
    const [left, right] = [key(a), key(b)];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
