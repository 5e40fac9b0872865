import { AddressSet } from '../../sets/address-set.ts';
import { type Budget, VALUE_STEPS } from '../../sets/budget.ts';
import { type Fraction, isAnywhere } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Policy } from '../model/policy.ts';
import {
  type Aim,
  type InternetRule,
  openAddresses,
  type PortAim,
  policyAddresses,
  stepsOf,
} from './internet-rules.ts';
import { leastShare, MEASURED, shareOf } from './share.ts';

/** Combination is policies that can select one common pod. */
export interface Combination {
  readonly others: readonly Policy[];
  /** The pods that all of them select. */
  readonly common: LabelSelector;
}

/** Question is the input of a search: which policies open an unrestricted destination together with some rules. */
export interface Question {
  /** For every port: one port of each range within which no rule differs; the DNS ports first. */
  readonly ports: readonly PortAim['port'][];
  readonly aim: Aim;
  readonly threshold: Fraction;
  /** Excluded from what is opened together. */
  readonly spared: AddressSet;
  readonly budget: Budget;
}

/** Open is what is open on each of the compared ports. */
type Open = readonly AddressSet[];

/** Candidate is a policy, and what it would add to what is already open. */
interface Candidate {
  readonly policy: Policy;
  readonly open: Open;
  /** Shares of the public addresses, by port. */
  readonly adds: readonly number[];
}

/**
 * OpeningSearch finds policies that open an unrestricted destination together with rules that do not on their own. It
 * tries those that add most first, so that relevant policies are not hidden behind irrelevant ones. If the rest
 * together cannot reach the threshold, it tries nothing.
 */
export class OpeningSearch {
  private readonly question: Question;
  private readonly least: number;

  constructor(question: Question) {
    this.question = question;
    this.least = leastShare(question.threshold);
  }

  /**
   * find returns a combination that needs the rules and that `accepts` accepts; undefined if there is none. What
   * `accepts` rejects, it must also reject for fewer pods. Throws BudgetSpent.
   */
  find(
    rules: readonly InternetRule[],
    subject: LabelSelector,
    policies: readonly Policy[],
    accepts: (combination: Combination) => boolean,
  ): Combination | undefined {
    const { ports, aim, spared, budget } = this.question;
    const own = ports.map((port) => {
      budget.spend(stepsOf(rules));
      return openAddresses(rules, { ...aim, port }).subtract(spared);
    });
    const candidates = policies.map((policy) => ({ policy, open: this.openedBy(policy) }));
    return this.extend({ others: [], common: subject }, own, candidates, accepts);
  }

  private extend(
    chosen: Combination,
    open: Open,
    policies: readonly Pick<Candidate, 'policy' | 'open'>[],
    accepts: (combination: Combination) => boolean,
  ): Combination | undefined {
    if (this.passes(open)) return accepts(chosen) ? chosen : undefined;
    const left = [...this.addingTo(open, policies)].sort((a, b) => sum(b.adds) - sum(a.adds));
    const reach = this.reachOf(open, left);
    for (const [i, first] of left.entries()) {
      if (!(reach[i] as boolean)) return undefined;
      const found = this.extend(...this.with(first, chosen, open, left.slice(i + 1)), accepts);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The chosen policies with one more, what they open, and the policies that can still join. */
  private with(
    { policy, open: opened }: Candidate,
    { others, common }: Combination,
    open: Open,
    left: readonly Candidate[],
  ): [Combination, Open, readonly Candidate[]] {
    const { budget } = this.question;
    budget.spend(VALUE_STEPS * (common.weight + policy.subject.weight));
    const pods = common.intersect(policy.subject);
    const compatible = left.filter(({ policy: { subject } }) => {
      budget.spend(VALUE_STEPS * (1 + Math.min(subject.weight, pods.weight)));
      return subject.intersects(pods);
    });
    const joined = open.map((addresses, i) => {
      const more = opened[i] as AddressSet;
      budget.spend(addresses.steps + more.steps);
      return addresses.union(more);
    });
    return [{ others: [...others, policy], common: pods }, joined, compatible];
  }

  private *addingTo(open: Open, policies: readonly Pick<Candidate, 'policy' | 'open'>[]): Generator<Candidate> {
    const { budget } = this.question;
    for (const { policy, open: opened } of policies) {
      const adds = opened.map((addresses, i) => {
        const already = open[i] as AddressSet;
        budget.spend(1 + addresses.steps + already.steps);
        return this.share(addresses.subtract(already));
      });
      if (adds.some((share) => share > 0)) yield { policy, open: opened, adds };
    }
  }

  /** Whether each candidate, and all after it, could pass the threshold if they could be added up. */
  private reachOf(open: Open, left: readonly Candidate[]): readonly boolean[] {
    const totals = open.map((addresses) => this.share(addresses));
    const reach: boolean[] = [];
    for (const { adds } of left.toReversed()) {
      this.question.budget.spend(adds.length);
      for (const [i, share] of adds.entries()) totals[i] = (totals[i] as number) + share;
      reach.push(totals.every((total) => total >= this.least));
    }
    return reach.reverse();
  }

  private openedBy(policy: Policy): Open {
    const { ports, aim, spared, budget } = this.question;
    return ports.map((port) => {
      const addresses = policyAddresses(policy, { ...aim, port }, budget).inFamily(aim.family);
      budget.spend(1 + addresses.steps);
      return addresses.subtract(spared);
    });
  }

  /** passes holds if what is open on every one of the ports is an unrestricted destination. */
  passes(open: Open): boolean {
    const { budget, threshold } = this.question;
    const [first = AddressSet.empty, ...rest] = open;
    const everywhere = rest.reduce((common, addresses) => {
      budget.spend(common.steps + addresses.steps);
      return common === addresses ? common : common.intersect(addresses);
    }, first);
    budget.spend(MEASURED * everywhere.steps);
    return isAnywhere(everywhere, threshold);
  }

  /** standsAlone holds if policies open an unrestricted destination without the rules. */
  standsAlone(policies: readonly Policy[]): boolean {
    const { ports, budget } = this.question;
    const each = policies.map((policy) => this.openedBy(policy));
    return this.passes(
      ports.map((_, i) => {
        const sets = each.map((open) => open[i] as AddressSet);
        budget.spend(sets.reduce((steps, set) => steps + set.steps, 0));
        return AddressSet.unionAll(sets);
      }),
    );
  }

  private share(addresses: AddressSet): number {
    return shareOf(addresses, this.question.aim.family, this.question.budget);
  }
}

function sum(shares: readonly number[]): number {
  return shares.reduce((total, share) => total + share, 0);
}
