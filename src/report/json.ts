import { printableJson } from '../objects/printable.ts';
import type { Report, ReportedFinding } from './report.ts';

/** reportJson prints one object, the machine's format: version 1, which only ever gains fields. */
export function reportJson({ findings, failures, notes, summary }: Report): string {
  const said = [...failures, ...notes];
  return `${printableJson({ version: 1, findings: findings.map(fields), notes: said, summary })}\n`;
}

/** The order is for readers; JSON.stringify omits undefined values. */
function fields(finding: ReportedFinding): Record<string, unknown> {
  const { rule, severity, certain, file, line, column, apiVersion, kind, namespace, name, path } = finding;
  const { message, short, help, fix, docs } = finding;
  const place = { file, line, column, apiVersion, kind, namespace, name, path };
  return { rule, severity, certain, ...place, message, short, help, fix, docs };
}
