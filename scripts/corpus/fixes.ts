import { breachesOf } from '../../test/rules/fix-law.ts';
import { judgeCase } from '../../test/rules/rule-cases.ts';

/** FixOutcome is how many fixes a policy of the corpus got, and in which sentences one of them does harm or nothing. */
export interface FixOutcome {
  readonly fixes: number;
  readonly breaches: readonly string[];
}

/** tryFixes applies every fix that a policy gets, each to the policy as it was. */
export function tryFixes(manifest: string): FixOutcome {
  const { findings } = judgeCase(manifest);
  return {
    fixes: findings.length,
    breaches: findings.flatMap((finding) => breachesOf(manifest, finding, findings)),
  };
}
