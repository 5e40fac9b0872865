import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeManifests } from '../harness/verdicts.ts';

/** One mistake of docs/mistakes.md. */
interface Mistake {
  readonly title: string;
  readonly manifests: string;
  readonly configuration: string | undefined;
  /** `severity rule path`, with words that the message or the help has. */
  readonly findings: readonly { readonly line: string; readonly words: string }[];
}

const PAGE = readFileSync(join(import.meta.dirname, '../..', 'docs', 'mistakes.md'), 'utf8');

function mistakes(): readonly Mistake[] {
  const sections = PAGE.split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const manifests = /```yaml\n([^]*?)```/.exec(section)?.[1];
    if (manifests === undefined) return [];
    const findings = [...section.matchAll(/^- (error|warning|warning, not certain) `(.+?)` at `(.+?)`: "(.+)"$/gm)];
    return [
      {
        title: section.split('\n', 1)[0] ?? '',
        manifests,
        configuration: /```yaml configuration\n([^]*?)```/.exec(section)?.[1],
        findings: findings.map(([, severity, rule, path, words]) => ({
          line: `${severity} ${rule} ${path}`,
          words: words ?? '',
        })),
      },
    ];
  });
}

describe('docs/mistakes.md', () => {
  it('shows every mistake with networking.k8s.io/v1', () => {
    const numbers = mistakes().map(({ title }) => Number.parseInt(title, 10));
    expect(numbers).toEqual([...Array.from({ length: 27 }, (_, i) => i + 1), 32, 33]);
  });

  it('promises a finding for each', () => {
    const silent = mistakes().filter(({ findings }) => findings.length === 0);
    expect(silent.map(({ title }) => title)).toEqual([]);
  });

  it.each(mistakes())('$title', ({ manifests, configuration, findings }) => {
    const found = judgeManifests(manifests, configuration === undefined ? {} : { configuration });
    const lines = found.map(({ severity, certain, rule, path }) =>
      [`${severity}${certain === false ? ', not certain' : ''}`, rule, path].join(' '),
    );
    expect(lines).toEqual(findings.map(({ line }) => line));
    for (const [i, { words }] of findings.entries()) {
      expect(`${found[i]?.message}\n${found[i]?.short}\n${found[i]?.help}`).toContain(words);
    }
  });
});
