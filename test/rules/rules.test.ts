import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/policy/rules/index.ts';
import { CASES, filesIn, judgeCase, readCases, reportOf, rulesWithCases } from './rule-cases.ts';

/** `UPDATE_EXPECTED=1 npx vitest run --project unit test/rules/rules.test.ts` writes the reports anew; read each one. */
const UPDATE = process.env['UPDATE_EXPECTED'] === '1';

describe('every rule', () => {
  it('has a folder of cases, and no folder is without its rule', () => {
    expect(RULES.length).toBeGreaterThan(0);
    expect(rulesWithCases()).toEqual(RULES.map(({ id }) => id).sort());
  });
});

describe.each(RULES)('$id', ({ id }) => {
  const [invalid, valid] = [readCases(id, 'invalid'), readCases(id, 'valid')];

  it('has cases of both kinds, and no report without its case', () => {
    expect(invalid.length).toBeGreaterThan(0);
    expect(valid.length).toBeGreaterThan(0);
    expect(filesIn(join(CASES, id, 'valid'), '.out')).toEqual([]);
    if (!UPDATE) expect(filesIn(join(CASES, id, 'invalid'), '.out')).toEqual(invalid.map(({ name }) => name));
  });

  it.each(invalid)('finds $name', ({ manifests, expected }) => {
    const { findings, refused } = judgeCase(manifests);
    expect(refused).toEqual([]);
    expect(findings.map(({ rule }) => rule)).toContain(id);
    if (UPDATE) writeFileSync(expected, reportOf(findings));
    expect(reportOf(findings)).toBe(readFileSync(expected, 'utf8'));
  });

  it.each(valid)('is content with $name', ({ manifests }) => {
    const { findings, policies, refused } = judgeCase(manifests);
    expect(refused).toEqual([]);
    expect(policies).toBeGreaterThan(0);
    expect(findings.filter(({ rule }) => rule === id)).toEqual([]);
  });
});
