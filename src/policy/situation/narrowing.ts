import { AddressSet } from '../../sets/address-set.ts';
import { Budget, BudgetSpent, VALUE_STEPS } from '../../sets/budget.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Change } from '../model/change.ts';
import type { AllowRule, Peer, PodPeer, Policy } from '../model/policy.ts';

/**
 * isNarrowed holds if an update only removes egress rules or peers, or changes nothing: whatever the policy lets its
 * pods reach, it let the same pods reach before. Decided in one pass over the rules in order; false if that does not
 * show it.
 */
export function isNarrowed({ before, after, isSameSpec }: Change): boolean {
  if (before === undefined || after === undefined) return false;
  if (isSameSpec === true) return true;
  return inOnePass((compare) => compare.samePods(before, after) && compare.contains(before.egress, after.egress));
}

/**
 * keepsSpec holds if a policy selects the same pods after a change, isolates them in the same way and allows the same,
 * rule by rule.
 */
export function keepsSpec({ before, after, isSameSpec }: Change): boolean {
  if (before === undefined || after === undefined) return false;
  if (isSameSpec === true) return true;
  if (before.isolatesEgress !== after.isolatesEgress || before.isolatesIngress !== after.isolatesIngress) return false;
  return inOnePass(
    (compare) =>
      compare.samePods(before, after) &&
      compare.areSame(before.egress, after.egress) &&
      compare.areSame(before.ingress, after.ingress) &&
      compare.areSame(before.ignoredEgress, after.ignoredEgress),
  );
}

/**
 * Twice what the largest readable policy needs. It is not part of a verdict's budget, since it decides whether that
 * counts.
 */
const STEPS = 1_200_000;

function inOnePass(question: (compare: Comparison) => boolean): boolean {
  try {
    return question(new Comparison(new Budget(STEPS)));
  } catch (error) {
    if (error instanceof BudgetSpent) return false;
    throw error;
  }
}

class Comparison {
  private readonly budget: Budget;
  private readonly unions = new Map<AllowRule, AddressSet>();

  constructor(budget: Budget) {
    this.budget = budget;
  }

  samePods({ subject: before }: Policy, { subject: after }: Policy): boolean {
    return this.isSubset(before, after) && this.isSubset(after, before);
  }

  areSame(before: readonly AllowRule[], after: readonly AllowRule[]): boolean {
    if (before.length !== after.length) return false;
    return before.every((rule, i) => {
      const other = after[i] as AllowRule;
      return this.holds(rule, other) && this.holds(other, rule);
    });
  }

  /** The search for each rule starts at the one that matched the last. */
  contains(before: readonly AllowRule[], after: readonly AllowRule[]): boolean {
    let next = 0;
    for (const rule of after) {
      const place = this.placeOf(rule, before, next);
      if (place === undefined) return false;
      next = place + 1;
    }
    return true;
  }

  /**
   * If only whole rules were removed, the next rule matches, so that a wide rule before it is not compared with each.
   */
  private placeOf(rule: AllowRule, before: readonly AllowRule[], next: number): number | undefined {
    const isAt = (i: number): boolean => {
      const other = before[i];
      return other !== undefined && this.holds(other, rule);
    };
    for (const i of [next, next - 1]) if (isAt(i)) return i;
    for (let i = next + 1; i < before.length; i += 1) if (isAt(i)) return i;
    return undefined;
  }

  private holds(outer: AllowRule, inner: AllowRule): boolean {
    this.budget.spend(inner.ports.steps + outer.ports.steps);
    if (!inner.ports.isSubset(outer.ports)) return false;
    if (outer.peers === 'any' || inner.peers === 'any') return outer.peers === 'any';
    return this.holdsPods(outer.peers, inner.peers) && this.holdsAddresses(outer, inner);
  }

  private holdsPods(outer: readonly Peer[], inner: readonly Peer[]): boolean {
    const wide = outer.filter(isPods);
    let next = 0;
    for (const peer of inner.filter(isPods)) {
      while (next < wide.length && !this.holdsPeer(wide[next] as PodPeer, peer)) next += 1;
      if (next === wide.length) return false;
    }
    return true;
  }

  private holdsPeer(outer: PodPeer, inner: PodPeer): boolean {
    this.budget.spend(1);
    if (outer.namespaces === 'own' || inner.namespaces === 'own') {
      return outer.namespaces === inner.namespaces && this.isSubset(inner.pods, outer.pods);
    }
    return this.isSubset(inner.namespaces, outer.namespaces) && this.isSubset(inner.pods, outer.pods);
  }

  private holdsAddresses(outer: AllowRule, inner: AllowRule): boolean {
    const [wide, narrow] = [this.addressesOf(outer), this.addressesOf(inner)];
    this.budget.spend(wide.steps + narrow.steps);
    return narrow.isSubset(wide);
  }

  private addressesOf(rule: AllowRule): AddressSet {
    const known = this.unions.get(rule);
    if (known !== undefined || rule.peers === 'any') return known ?? AddressSet.all;
    const blocks = rule.peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer.addresses] : []));
    this.budget.spend(blocks.reduce((steps, block) => steps + block.steps, 0));
    const union = AddressSet.unionAll(blocks);
    this.unions.set(rule, union);
    return union;
  }

  private isSubset(inner: LabelSelector, outer: LabelSelector): boolean {
    this.budget.spend(VALUE_STEPS * (1 + Math.min(inner.weight, outer.weight)));
    return inner.isSubset(outer);
  }
}

function isPods(peer: Peer): peer is PodPeer {
  return peer.kind === 'pods';
}
