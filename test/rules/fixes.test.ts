import { describe, expect, it } from 'vitest';
import type { Finding, Level } from '../../src/policy/model/finding.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { applyFix, editsOf, readDocuments, writeDocuments } from './apply-edits.ts';
import { isolatedAnew, openedAnew } from './harm.ts';
import { judgeCase, readCases } from './rule-cases.ts';

const LEVELS: readonly Level[] = ['advice', 'strict', 'standard'];

/** Which pods a Service has, what a policy is to allow, what keeps it and what may be simpler: only the author knows. */
const LEFT_TO_THE_AUTHOR: ReadonlySet<string> = new Set([
  'baseline-modified',
  'policy-being-deleted',
  'policy-too-complicated',
  'service-address-in-ip-block',
]);

/** What asks their upstream resolvers are the DNS servers, and where those are nobody else can know. */
const UPSTREAM = /^Let the DNS servers ask other resolvers/;

const cases: readonly (readonly [name: string, manifests: string])[] = RULES.flatMap(({ id }) =>
  readCases(id, 'invalid').map(({ name, manifests }) => [`${id}/${name}`, manifests] as const),
);

/** Policies that meet the budget take seconds to judge again for each of their fixes, so of many findings some are enough. */
const MOST = 12;
const LONG_MS = 120_000;

describe('a fix removes what it was given for, isolates nobody and opens nothing but cluster DNS', () => {
  it.each(cases)(
    '%s',
    (_, manifests) => {
      const { findings, servers } = judgeCase(manifests);
      for (const finding of findings.slice(0, MOST)) {
        const edits = editsOf(finding);
        if (edits.length === 0) {
          expect(LEFT_TO_THE_AUTHOR).toContain(finding.rule);
          continue;
        }
        const before = readDocuments(manifests);
        const documents = readDocuments(manifests);
        applyFix(documents, finding);
        const after = judgeCase(writeDocuments(documents));
        expect(after.refused).toEqual([]);
        expect(whatIsLeft(finding, findings, after.findings)).toEqual([]);
        expect(isolatedAnew(before, documents)).toEqual([]);
        if (!UPSTREAM.test(finding.fix.steps[0].text)) expect(openedAnew(before, documents, servers)).toEqual([]);
      }
    },
    LONG_MS,
  );
});

/** The finding itself where there are no fewer of its sort, and others that are new and of its level or above. */
function whatIsLeft(fixed: Finding, before: readonly Finding[], after: readonly Finding[]): readonly string[] {
  const isSame = (a: Finding, b: Finding) => a.rule === b.rule && a.object.name === b.object.name;
  const sort = (findings: readonly Finding[]) => findings.filter((finding) => isSame(finding, fixed));
  const stays = sort(after).length < sort(before).length ? [] : sort(after);
  const isNew = (finding: Finding) => !before.some((known) => isSame(known, finding));
  const isGrave = ({ level }: Finding) => LEVELS.indexOf(level) >= LEVELS.indexOf(fixed.level);
  const arisen = after.filter((finding) => isNew(finding) && isGrave(finding));
  const tell =
    (what: string) =>
    ({ object, path, rule, why }: Finding) =>
      `${fixed.rule} of ${fixed.object.name}: ${what} ${rule} of ${object.name} at ${path}: ${why}`;
  return [...stays.map(tell('still')), ...arisen.map(tell('now'))];
}
