import type { Issue, Level } from './finding.ts';
import type { Situation } from './situation.ts';

/** RuleDocs is the rule's page: docs/rules/<id>.md is generated from it, and its examples are executed. */
export interface RuleDocs {
  /** Paragraphs of Markdown. */
  readonly why: string;
  /** A manifest (may be several documents) that has the fault. */
  readonly bad: string;
  /** The same, without the fault. */
  readonly good: string;
  readonly references: readonly string[];
}

/** Rule finds one bad thing, which its id states. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly docs: RuleDocs;
  /** Pure; blames and positions its issues, leaves levels and exemptions to `evaluate`. */
  check(situation: Situation): Iterable<Issue>;
}

/** defineRule types a rule literal. */
export function defineRule(rule: Rule): Rule {
  return rule;
}
