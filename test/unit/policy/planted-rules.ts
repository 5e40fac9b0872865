import type { Issue } from '../../../src/policy/model/finding.ts';
import { advice } from '../../../src/policy/model/fix.ts';
import { defineRule } from '../../../src/policy/situation/rule.ts';
import { BudgetSpent } from '../../../src/sets/budget.ts';

const ISSUE: Issue = {
  path: 'spec',
  headline: 'is planted',
  why: 'It is planted.',
  short: 'it is planted',
  fix: advice('Take it out'),
  blamed: true,
};

const planted = defineRule({
  id: 'planted',
  since: 'v0.10',
  title: 'Planted',
  level: 'standard',
  docs: { why: '', bad: '', good: '', references: [] },
  check: ({ policy }) => (policy?.ref.name === 'web' ? [ISSUE] : []),
});

const sharper = defineRule({
  ...planted,
  id: 'sharper',
  since: 'v0.1',
  check: ({ policy }) => (policy?.ref.name === 'api' ? [{ ...ISSUE, path: 'spec.egress', since: 'v0.10' }, ISSUE] : []),
});

const endless = defineRule({
  ...planted,
  id: 'endless',
  check({ policy }) {
    if (policy?.ref.name === 'maze') throw new BudgetSpent();
    return [];
  },
});

/** PLANTED are a rule of a later release, an old one that a later release reads more sharply, and one that never answers. */
export const PLANTED = [planted, sharper, endless];
