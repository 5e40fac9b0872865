import { parseCidr } from '../sets/cidr.ts';
import type { Fraction } from '../sets/globally-routable.ts';

/** isCidr holds for CIDRs that every API server accepts: no host bits, no leading zeros, no IPv4-mapped addresses. */
export function isCidr(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.legacySpelling === undefined;
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** durationMs reads a duration that the schema has accepted, such as `1m30s`, in milliseconds. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? 0);
  }
  return total;
}

/** parseFraction reads a share above 0 and no more than 1, such as `1/256`; undefined if the text is not one. */
export function parseFraction(text: string): Fraction | undefined {
  const match = /^([1-9]\d{0,17})\/([1-9]\d{0,17})$/.exec(text);
  if (match === null) return undefined;
  const [numerator, denominator] = [BigInt(match[1] ?? ''), BigInt(match[2] ?? '')];
  return numerator <= denominator ? { numerator, denominator } : undefined;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** parseTime reads an RFC 3339 time in milliseconds since the epoch; undefined if the text is not one. */
export function parseTime(text: string): number | undefined {
  const day = RFC_3339.exec(text)?.[1];
  if (day === undefined) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined;
  return Date.parse(text);
}
