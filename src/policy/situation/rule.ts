import type { Issue, Level } from '../model/finding.ts';
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
  /** What the fault lets somebody do, from 0 to 10 as CVSS rates it; absent where it only breaks its author's own pods. */
  readonly security?: number | undefined;
  readonly docs: RuleDocs;
  /** Holds where the rule applies in system namespaces too. */
  readonly inSystemNamespaces?: boolean | undefined;
  /** Holds where the rule has something to say of a policy that is too large to be read. */
  readonly judgesUnread?: boolean | undefined;
  /** `first`: what others can be harmed by is decided while there is budget; `last`: it looks at what the others left. */
  readonly turn?: 'first' | 'last' | undefined;
  /** What it means that the budget did not suffice; a rule whose fault harms its author alone only warns. */
  readonly undecided?: 'warn' | undefined;
  /** Holds where another policy that is on its way may mend the fault, so a refusal waits for it a moment. */
  readonly worthWaiting?: boolean | undefined;
  /** Holds where netpol-guard puts right what the rule finds standing, and tells of it when it does. */
  readonly isPutRight?: boolean | undefined;
  /** Throws BudgetSpent where it comes to no answer. Pure; blames and positions its issues, leaves levels and exemptions to `evaluate`. */
  check(situation: Situation): Iterable<Issue>;
}

/** defineRule types a rule literal. */
export function defineRule(rule: Rule): Rule {
  return rule;
}
