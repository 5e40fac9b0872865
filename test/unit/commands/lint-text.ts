import type { LintOptions } from '../../../src/cli/options.ts';
import { lint } from '../../../src/commands/lint.ts';
import { type PrintedReport, testIo } from '../cli/setup.ts';

/** Outcome is what `--format json` prints, and the exit status. */
export interface Outcome extends PrintedReport {
  readonly exit: number;
  readonly err: string;
}

const OPTIONS: LintOptions = { paths: ['-'], namespace: 'default', format: 'json', version: '1.2.3' };

/** lintText lints standard input. */
export async function lintText(text: string | Uint8Array, options: Partial<LintOptions> = {}): Promise<Outcome> {
  const io = testIo(text);
  const exit = await lint({ ...OPTIONS, ...options }, io);
  return { exit, ...(JSON.parse(io.printed.out) as PrintedReport), err: io.printed.err };
}

/** brief shows findings in a line each: `3:1 error dns-blocked spec.egress`. */
export function brief({ findings }: Outcome): readonly string[] {
  return findings.map(({ line, column, severity, rule, path }) =>
    `${line}:${column} ${severity} ${rule} ${path ?? ''}`.trim(),
  );
}

/** documents joins documents into one file; each ends in a line break. */
export const documents = (...texts: readonly string[]) => texts.join('---\n');

/** namespaceYaml is a Namespace with labels in flow style. */
export const namespaceYaml = (name: string, labels: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: ${labels}\n`;
