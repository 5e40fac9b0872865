import { AddressSet } from '../../sets/address-set.ts';
import { BudgetSpent } from '../../sets/budget.ts';
import { isCovered } from '../../sets/coverage.ts';
import { IntervalSet } from '../../sets/interval-set.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Situation } from '../situation/situation.ts';
import { aimText, internetRules, type PortAim, policyAddresses } from './internet-rules.ts';
import { regionsOf } from './regions.ts';

/** Grant is what one policy let some of the pods reach before the change. */
interface Grant {
  readonly subject: LabelSelector;
  readonly addresses: AddressSet;
}

/**
 * Fresh is what a change opens on one port that was not open before to each of some pods. What is new to the plainest of
 * these pods is known without a search, however many grants there were to others.
 */
export class Fresh {
  /** Certainly new: the plainest pod had none of it. */
  readonly certain: AddressSet;
  private readonly situation: Situation;
  private readonly pods: LabelSelector;
  /** What the plainest pod had, but others may not have had. */
  private readonly doubtful: AddressSet;
  private readonly grants: readonly Grant[];
  private found: AddressSet | undefined;
  private readonly overlaps = new Map<AddressSet, Map<AddressSet, AddressSet>>();

  /** `addresses` are those that no policy opened to all of the pods at once, `grants` what was open to some of them. */
  constructor(situation: Situation, pods: LabelSelector, addresses: AddressSet, grants: readonly Grant[]) {
    this.situation = situation;
    this.pods = pods;
    this.grants = grants;
    const plainest = pods.isEmpty ? new Map<string, string>() : pods.example();
    const toPlainest = grants.filter(({ subject }) => subject.matches(plainest)).map((grant) => grant.addresses);
    this.certain = addresses.subtract(AddressSet.unionAll(toPlainest));
    this.doubtful = addresses.subtract(this.certain);
  }

  /** all is everything that is new to some of the pods; it may need a search. Throws BudgetSpent. */
  get all(): AddressSet {
    this.found ??= this.doubtful.isEmpty ? this.certain : this.certain.union(this.searched());
    return this.found;
  }

  /** within intersects one of the sets above with another; computed once for many rules with the same addresses. */
  within(fresh: AddressSet, addresses: AddressSet): AddressSet {
    const known = this.overlaps.get(fresh) ?? new Map<AddressSet, AddressSet>();
    this.overlaps.set(fresh, known);
    let overlap = known.get(addresses);
    if (overlap === undefined) {
      this.situation.budget.spend(fresh.steps + addresses.steps);
      overlap = fresh.intersect(addresses);
      known.set(addresses, overlap);
    }
    return overlap;
  }

  /**
   * The doubtful addresses are cut into regions of equal grants; a region was open before if its grants cover all pods.
   */
  private searched(): AddressSet {
    const { budget } = this.situation;
    const parts = this.grants.map(({ addresses }) => {
      budget.spend(addresses.steps + this.doubtful.steps);
      return addresses.intersect(this.doubtful);
    });
    const isNew = (members: readonly number[]) => {
      const covers = members.map((i) => (this.grants[i] as Grant).subject);
      const { kind } = isCovered(this.pods, covers, budget);
      if (kind === 'unknown') throw new BudgetSpent();
      return kind === 'uncovered';
    };
    const spend = (steps: number) => budget.spend(steps);
    const v4 = regionsOf(
      parts.map((part) => part.v4),
      spend,
    ).filter(({ members }) => isNew(members));
    const v6 = regionsOf(
      parts.map((part) => part.v6),
      spend,
    ).filter(({ members }) => isNew(members));
    return new AddressSet(
      IntervalSet.unionAll(v4.map(({ set }) => set)),
      IntervalSet.unionAll(v6.map(({ set }) => set)),
    );
  }
}

/** By the pods, then by aimText. Selectors can be long, so they are distinguished by identity. */
type ByPods = Map<LabelSelector, Map<string, Fresh>>;

const remembered = new Memo<Situation, ByPods>();

/**
 * freshAddresses returns the public addresses that the changed policy opens on a port, and that the policies before did
 * not together open to each pod that it selects. In an audit, nothing existed before. Throws BudgetSpent.
 */
export function freshAddresses(situation: Situation, aim: PortAim, pods: LabelSelector): Fresh {
  const byPods = remembered.get(situation, '', (): ByPods => new Map());
  const byAim = byPods.get(pods) ?? new Map<string, Fresh>();
  byPods.set(pods, byAim);
  const key = aimText(aim);
  const fresh = byAim.get(key) ?? findFresh(situation, aim, pods);
  byAim.set(key, fresh);
  return fresh;
}

function findFresh(situation: Situation, aim: PortAim, pods: LabelSelector): Fresh {
  const { policy, before, change, budget } = situation;
  if (policy === undefined) return new Fresh(situation, pods, AddressSet.empty, []);
  const addresses = policyAddresses(policy, aim, budget);
  if (change.operation === 'AUDIT') return new Fresh(situation, pods, addresses, []);
  const wide: AddressSet[] = [];
  const narrow: Grant[] = [];
  for (const other of before.selecting(GRANTED_BEFORE, pods)) {
    const opened = policyAddresses(other, aim, budget);
    if (opened.isEmpty) continue;
    budget.spend(opened.steps);
    if (pods.isSubset(other.subject)) wide.push(opened);
    else narrow.push({ subject: other.subject, addresses: opened });
  }
  budget.spend(addresses.steps);
  return new Fresh(situation, pods, addresses.subtract(AddressSet.unionAll(wide)), narrow);
}

/**
 * GRANTED_BEFORE is the class of policies that opened anything on the Internet, except those that are being deleted.
 */
export const GRANTED_BEFORE: PolicyClass = {
  includes: (policy) => !policy.deleting && internetRules(policy).length > 0,
};
