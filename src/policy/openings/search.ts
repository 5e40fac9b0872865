import type { AddressSet } from '../../sets/address-set.ts';
import { type Fraction, isAnywhere } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Policy } from '../model.ts';
import { type Aim, type InternetRule, internetRules, openAddresses, portsToCompare } from './internet-rules.ts';

/** Policies that are looked at; real namespaces need a handful. */
const MAX_LOOKS = 2_000;

/** Combination is policies that can select one common pod. */
export interface Combination {
  readonly others: readonly Policy[];
  /** The pods that all of them select. */
  readonly common: LabelSelector;
}

/** OpeningSearch finds policies that open an unrestricted destination together with rules which alone do not. */
export class OpeningSearch {
  private readonly threshold: Fraction;
  private readonly aim: Aim;
  private readonly rules: readonly InternetRule[];
  private readonly spared: AddressSet;
  private left = MAX_LOOKS;

  /** `spared` does not count for what the rules open together. */
  constructor(threshold: Fraction, aim: Aim, rules: readonly InternetRule[], spared: AddressSet) {
    this.threshold = threshold;
    this.aim = aim;
    this.rules = rules;
    this.spared = spared;
  }

  /** find returns a combination that needs the rules and that `accepts` takes; undefined where there is none. */
  find(
    subject: LabelSelector,
    candidates: readonly Policy[],
    accepts: (combination: Combination) => boolean,
  ): Combination | undefined | 'unknown' {
    return this.extend({ others: [], common: subject }, candidates, accepts);
  }

  private extend(
    chosen: Combination,
    candidates: readonly Policy[],
    accepts: (combination: Combination) => boolean,
  ): Combination | undefined | 'unknown' {
    const theirs = chosen.others.flatMap(internetRules);
    const rules = [...this.rules, ...theirs];
    if (this.passes(rules)) return !this.passAlone(theirs) && accepts(chosen) ? chosen : undefined;
    this.left -= candidates.length;
    if (this.left < 0) return 'unknown';
    const adding = candidates.filter((other) => this.addsTo(rules, internetRules(other)));
    const [first, ...rest] = adding;
    if (first === undefined || !this.passes([...rules, ...adding.flatMap(internetRules)])) return undefined;
    const common = chosen.common.intersect(first.subject);
    const compatible = rest.filter((other) => other.subject.intersects(common));
    const withFirst = this.extend({ others: [...chosen.others, first], common }, compatible, accepts);
    return withFirst ?? this.extend(chosen, rest, accepts);
  }

  private passes(rules: readonly InternetRule[]): boolean {
    return isAnywhere(openAddresses(rules, this.aim).subtract(this.spared), this.threshold);
  }

  private passAlone(theirs: readonly InternetRule[]): boolean {
    return isAnywhere(openAddresses(theirs, this.aim), this.threshold);
  }

  private addsTo(rules: readonly InternetRule[], more: readonly InternetRule[]): boolean {
    return portsToCompare([...rules, ...more], this.aim).some((port) => {
      const there = { ...this.aim, port };
      return !openAddresses(more, there).isSubset(openAddresses(rules, there));
    });
  }
}
