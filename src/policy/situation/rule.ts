import type { Issue, Level } from '../model/finding.ts';
import type { RulesVersion } from '../model/rules-version.ts';
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
  /** The version that introduced it: under an older `rulesVersion` it only warns. */
  readonly since: RulesVersion;
  readonly title: string;
  readonly level: Level;
  /**
   * What the fault lets an attacker do, from 0 to 10 as CVSS rates it; absent if it only breaks its author's own pods.
   */
  readonly security?: number | undefined;
  readonly docs: RuleDocs;
  /** Whether the rule also applies in system namespaces. */
  readonly inSystemNamespaces?: boolean | undefined;
  /** Whether the rule also checks a policy that is too large to be read. */
  readonly judgesUnread?: boolean | undefined;
  /** `first`: what can harm others is decided while there is budget; `last`: it uses what the others left undecided. */
  readonly turn?: 'first' | 'last' | undefined;
  /**
   * The question that stays undecided when the budget is spent; a rule whose fault only harms its author only warns.
   */
  readonly undecided?: 'warn' | undefined;
  /** Whether another policy that is about to arrive may fix the fault, so that a refusal waits for it a moment. */
  readonly worthWaiting?: boolean | undefined;
  /** Whether netpol-guard corrects stored faults of this rule itself, and reports when it does. */
  readonly isPutRight?: boolean | undefined;
  /**
   * Throws BudgetSpent if it finds no answer. Pure; blames and positions its issues, leaves levels and exemptions to
   * `evaluate`.
   */
  check(situation: Situation): Iterable<Issue>;
}

/** defineRule types a rule literal. */
export function defineRule(rule: Rule): Rule {
  return rule;
}
