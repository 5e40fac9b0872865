import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/policy/rules/index.ts';
import { breachesOf, breachesTogether, misplacedSteps } from './fix-law.ts';
import { judgeCase, readCases } from './rule-cases.ts';

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
      const { findings } = judgeCase(manifests);
      for (const finding of findings.slice(0, MOST)) expect(breachesOf(manifests, finding, findings)).toEqual([]);
    },
    LONG_MS,
  );
});

describe('following every fix of a message, in its order, isolates nobody and opens nothing but cluster DNS either', () => {
  it.each(cases)(
    '%s',
    (_, manifests) => {
      const { findings } = judgeCase(manifests);
      expect(breachesTogether(manifests, findings.slice(0, MOST))).toEqual([]);
    },
    LONG_MS,
  );
});

describe('the place that a step names is the one to which its YAML belongs', () => {
  it.each(cases)('%s', (_, manifests) => {
    expect(judgeCase(manifests).findings.flatMap(misplacedSteps)).toEqual([]);
  });
});
