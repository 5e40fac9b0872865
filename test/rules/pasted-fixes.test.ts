import { describe, expect, it } from 'vitest';
import type { Finding, Level } from '../../src/policy/model/finding.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { pasteFix, readDocuments, writeDocuments } from './pasted-fixes.ts';
import { judgeCase, readCases } from './rule-cases.ts';

const LEVELS: readonly Level[] = ['advice', 'strict', 'standard'];

/** Cases whose pasted fix is not the end of it, and what still has to be done. */
const FURTHER_WORK: ReadonlyMap<string, string> = new Map<string, string>([
  ['egress-rules-ignored/an-opening-that-does-nothing', 'once it does something, the opening is found to be one'],
]);

/** What only the author can know: which pods stand behind a Service, what a policy is to allow, what keeps it, what may be simpler. */
const LEFT_TO_THE_AUTHOR =
  /^name pods by selectors; for the API server allow the endpoints|^add a policy of your own beside|^have whoever set the finalizers|^simplify the selectors/;

const cases: readonly (readonly [name: string, manifests: string])[] = RULES.flatMap(({ id }) =>
  readCases(id, 'invalid').map(({ name, manifests }) => [`${id}/${name}`, manifests] as const),
);

/** Policies that meet the budget are judged anew for each of their fixes. */
const LONG_MS = 120_000;

describe('a fix that is pasted mends what it was given for, and breaks nothing', () => {
  it.each(cases)(
    '%s',
    (name, manifests) => {
      const { findings } = judgeCase(manifests);
      const left = findings
        .filter(({ fix }) => !LEFT_TO_THE_AUTHOR.test(fix.description))
        .flatMap((finding) => {
          const documents = readDocuments(manifests);
          pasteFix(documents, finding);
          const after = judgeCase(writeDocuments(documents));
          expect(after.refused).toEqual([]);
          return whatIsLeft(finding, findings, after.findings);
        });
      if (FURTHER_WORK.has(name)) expect(left).not.toEqual([]);
      else expect(left).toEqual([]);
    },
    LONG_MS,
  );

  it('further work is to be done for cases that there are', () => {
    const names = cases.map(([name]) => name);
    expect([...FURTHER_WORK.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** The finding itself where there are no fewer of its sort, and others that are new and of its level or above. */
function whatIsLeft(mended: Finding, before: readonly Finding[], after: readonly Finding[]): readonly string[] {
  const isSame = (a: Finding, b: Finding) => a.rule === b.rule && a.object.name === b.object.name;
  const sort = (findings: readonly Finding[]) => findings.filter((finding) => isSame(finding, mended));
  const stays = sort(after).length < sort(before).length ? [] : sort(after);
  const isNew = (finding: Finding) => !before.some((known) => isSame(known, finding));
  const isGrave = ({ level }: Finding) => LEVELS.indexOf(level) >= LEVELS.indexOf(mended.level);
  const arisen = after.filter((finding) => isNew(finding) && isGrave(finding));
  const tell =
    (what: string) =>
    ({ object, path, rule, message }: Finding) =>
      `${mended.rule} of ${mended.object.name}: ${what} ${rule} of ${object.name} at ${path}: ${message}`;
  return [...stays.map(tell('still')), ...arisen.map(tell('now'))];
}
