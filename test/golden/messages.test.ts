import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusMessage, warningLines, warningsOf } from '../../src/admission/review/message.ts';
import { WIDTH } from '../../src/policy/messages/finding-text.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { CASES, filesIn, judgeCase, rulesWithCases } from '../rules/rule-cases.ts';

/** `UPDATE_EXPECTED=1 npx vitest run --project unit test/golden` writes what is said now; read each of them. */
const UPDATE = process.env['UPDATE_EXPECTED'] === '1';
const MESSAGES = join(import.meta.dirname, 'messages');
const CONTACT = '#platform-help';

/** As the API server cuts warnings, once they are too many together; a line has its rule behind it. */
const MAX_WARNING = 250;

/** What kubectl prints above a refusal of the webhook, and of a warning. */
const REFUSED = 'denied the request: ';
const WARNED = 'Warning: ';

function said(bad: string, id: string): { readonly refusal: string; readonly warnings: readonly string[] } {
  const findings = judgeCase(bad).findings.filter(({ rule }) => rule === id);
  // One is enough to read; some examples are of many policies.
  const shown = findings.slice(0, 1);
  return { refusal: statusMessage(shown, CONTACT), warnings: warningLines(warningsOf(shown)) };
}

function printed(bad: string, id: string): string {
  const { refusal, warnings } = said(bad, id);
  return `${REFUSED}${refusal}\n\n${warnings.map((line) => `${WARNED}${line}\n`).join('')}`;
}

describe('what is said of the bad example of every rule', () => {
  it('has a file for each rule, and none without', () => {
    const names = RULES.map(({ id }) => `${id}.txt`).sort();
    expect(UPDATE ? names : readdirSync(MESSAGES).sort()).toEqual(names);
  });

  it.each(RULES)('$id: is what was read and found good', ({ id, docs }) => {
    const file = join(MESSAGES, `${id}.txt`);
    if (UPDATE) writeFileSync(file, printed(docs.bad, id));
    expect(printed(docs.bad, id)).toBe(readFileSync(file, 'utf8'));
  });

  it.each(RULES)('$id: fits a terminal of 80 columns, but for its link', ({ id, docs }) => {
    const lines = said(docs.bad, id).refusal.split('\n');
    const links = lines.filter((line) => line.includes('https://'));
    // A baseline's refusal also leads to the cookbook.
    for (const link of links) expect(link).toMatch(/^ {2}(?:More: )?\S*https:\/\/\S+/);
    const others = lines.filter((line) => !line.includes('https://'));
    expect(others.length).toBeGreaterThan(2);
    for (const line of others) expect(line.length).toBeLessThanOrEqual(WIDTH);
  });

  it.each(RULES)(
    '$id: begins with the object and the rule, and ends with where to read on and whom to ask',
    ({ id, docs }) => {
      const { refusal } = said(docs.bad, id);
      const [empty, first = ''] = refusal.split('\n');
      expect(empty).toBe('');
      expect(first).toMatch(/^NetworkPolicy [a-z-]+\/[a-z0-9-]+/);
      expect(refusal.split('\n').slice(1, 3).join(' ')).toContain(` [${id}]`);
      expect(refusal).toMatch(new RegExp(`\\n {2}More: https://\\S+/rules/${id}\\.md {3}Questions: ${CONTACT}$`));
    },
  );

  it.each(RULES)('$id: is whole in one warning', ({ id, docs }) => {
    const [warning = '', ...others] = said(docs.bad, id).warnings;
    expect(warning.length).toBeLessThanOrEqual(MAX_WARNING);
    expect(warning).toMatch(new RegExp(`^[^.].*[^.](?: \\(not certain\\))? \\[${id}\\]$`));
    expect(warning).not.toContain('...');
    for (const doubt of others) expect(doubt).toMatch(/^not certain: /);
  });
});

/** The blocks of a stored report, each with what the engine does, the lines of a finding, and it in one line. */
const BLOCK = /^# (?<effect>deny|warn|audit) at .+\n(?<text>[^]+?)\n# (?<short>.+)\n/gm;

describe('what is said in the cases of every rule', () => {
  const reports = rulesWithCases().flatMap((rule) => {
    const folder = join(CASES, rule, 'invalid');
    return filesIn(folder, '.out').map((name) => readFileSync(join(folder, `${name}.out`), 'utf8'));
  });
  const blocks = reports.flatMap((report) => [...report.matchAll(BLOCK)].map(({ groups = {} }) => groups));

  it('is read from all of the reports', () => {
    expect(reports.length).toBeGreaterThan(100);
    expect(blocks).toHaveLength(reports.join('').match(/^# (?:deny|warn|audit) at /gm)?.length ?? 0);
  });

  it('fits a terminal of 80 columns', () => {
    const lines = blocks.flatMap(({ text = '' }) => text.split('\n')).filter((line) => !line.includes('https://'));
    expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
  });

  it('is whole in one warning, with its rule and its doubt', () => {
    const warnings = blocks.map(({ text = '', short = '' }) => {
      const [rule = ''] = /(?<=\[)[a-z-]+(?=\]$)/m.exec(text) ?? [];
      expect(rulesWithCases()).toContain(rule);
      return `${short}${text.includes('Not certain: ') ? ' (not certain)' : ''} [${rule}]`;
    });
    expect(warnings.filter((warning) => warning.length > MAX_WARNING)).toEqual([]);
  });
});
