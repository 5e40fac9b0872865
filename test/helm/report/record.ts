import { appendFileSync } from 'node:fs';
export function record(section: string, row: Readonly<Record<string, string>>): void {
  appendFileSync('helm.jsonl', `${JSON.stringify({ section, row })}\n`);
}
export function beginRecords(form: 'long' | 'short', began: Date): void {
  appendFileSync('helm.jsonl', `${JSON.stringify({ form, began: began.toISOString() })}\n`);
}
