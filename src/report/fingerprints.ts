import { createHash } from 'node:crypto';
import type { ReportedFinding } from './report.ts';

/**
 * fingerprints returns one for each finding that stays the same while lines and places in lists move, so that a service
 * recognises a finding. Equal ones are counted: `<hash>:1`, `<hash>:2`.
 */
export function fingerprints(findings: readonly ReportedFinding[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ rule, file, kind, namespace, name, path }) => {
    const parts = [rule, file, kind, namespace, name, path?.replaceAll(/\[\d+\]/g, '[]')];
    const hash = createHash('sha256')
      .update(JSON.stringify(parts.map((part) => part ?? null)))
      .digest('hex')
      .slice(0, 32);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash}:${count}`;
  });
}
