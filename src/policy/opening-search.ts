import type { Fraction } from '../sets/globally-routable.ts';
import { isAnywhere } from '../sets/globally-routable.ts';
import type { LabelSelector } from '../sets/label-selector.ts';
import { type Aim, type InternetRule, internetRules, openAddresses, portsToCompare } from './internet-rules.ts';
import type { Policy } from './model.ts';

/** Sets of rules that are put together; real namespaces need a handful. */
const MAX_TRIES = 2_000;

/** OpeningSearch finds policies that can select one common pod and together open an unrestricted destination. */
export class OpeningSearch {
  private readonly threshold: Fraction;
  private readonly aim: Aim;
  private left = MAX_TRIES;

  constructor(threshold: Fraction, aim: Aim) {
    this.threshold = threshold;
    this.aim = aim;
  }

  /** othersFor returns the policies that it takes besides the rules given; undefined where none suffice. */
  othersFor(
    subject: LabelSelector,
    rules: readonly InternetRule[],
    candidates: readonly Policy[],
  ): readonly Policy[] | undefined | 'unknown' {
    if (this.passes(rules)) return [];
    this.left -= candidates.length;
    if (this.left < 0) return 'unknown';
    const adding = candidates.filter((other) => this.addsTo(rules, internetRules(other)));
    const [first, ...rest] = adding;
    if (first === undefined || !this.passes([...rules, ...adding.flatMap(internetRules)])) return undefined;
    const common = subject.intersect(first.subject);
    const compatible = rest.filter((other) => other.subject.intersects(common));
    const withFirst = this.othersFor(common, [...rules, ...internetRules(first)], compatible);
    if (withFirst === 'unknown') return 'unknown';
    return withFirst === undefined ? this.othersFor(subject, rules, rest) : [first, ...withFirst];
  }

  private passes(rules: readonly InternetRule[]): boolean {
    return isAnywhere(openAddresses(rules, this.aim), this.threshold);
  }

  private addsTo(rules: readonly InternetRule[], more: readonly InternetRule[]): boolean {
    return portsToCompare([...rules, ...more], this.aim).some((port) => {
      const there = { ...this.aim, port };
      return !openAddresses(more, there).isSubset(openAddresses(rules, there));
    });
  }
}
