import { AddressSet } from '../../sets/address-set.ts';
import { isCovered } from '../../sets/coverage.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { PolicyClass } from '../namespace-policies.ts';
import { Remembered } from '../remembered.ts';
import type { Situation } from '../situation.ts';
import { aimText, internetRules, type PortAim, policyAddresses } from './internet-rules.ts';

/** Fresh is what a change opens that was not open before. */
export interface Fresh {
  readonly addresses: AddressSet;
  /** Holds where the comparison ended at its budget: some of `addresses` may not be new. */
  readonly isBound: boolean;
}

const remembered = new Remembered<Situation, Fresh>();

/**
 * freshAddresses returns the public addresses that the changed policy opens on a port, and which no policies together
 * opened to each of the pods before, which it selects. In an audit nothing was there before.
 */
export function freshAddresses(situation: Situation, aim: PortAim, pods: LabelSelector): Fresh {
  return remembered.get(situation, `${aimText(aim)} ${pods.key}`, () => findFresh(situation, aim, pods));
}

function findFresh(situation: Situation, aim: PortAim, pods: LabelSelector): Fresh {
  const { policy, before, change } = situation;
  if (policy === undefined) return { addresses: AddressSet.empty, isBound: false };
  const addresses = policyAddresses(policy, aim);
  if (change.operation === 'AUDIT') return { addresses, isBound: false };
  const wide: AddressSet[] = [];
  const narrow: Grant[] = [];
  for (const other of before.selecting(INTERNET, pods)) {
    const opened = policyAddresses(other, aim);
    if (opened.isEmpty) continue;
    if (pods.isSubset(other.subject)) wide.push(opened);
    else narrow.push({ subject: other.subject, addresses: opened });
  }
  const left = addresses.subtract(AddressSet.unionAll(wide));
  return left.isEmpty ? { addresses: left, isBound: false } : subtractNarrow(situation, left, pods, narrow);
}

interface Grant {
  readonly subject: LabelSelector;
  readonly addresses: AddressSet;
}

/** Pieces of addresses compared with grants; past that the rest counts as new, and not certain. */
const MAX_COMPARISONS = 20_000;

/** Grants to some of the pods each: their addresses are cut into cells, and a cell is old where its grants hold all pods. */
function subtractNarrow(
  { budget }: Situation,
  addresses: AddressSet,
  subject: LabelSelector,
  grants: readonly Grant[],
): Fresh {
  let cells: readonly { addresses: AddressSet; covers: readonly LabelSelector[] }[] = [{ addresses, covers: [] }];
  let comparisons = 0;
  for (const grant of grants) {
    comparisons += cells.length;
    if (comparisons > MAX_COMPARISONS) return { addresses, isBound: true };
    cells = cells.flatMap((cell) => {
      if (!cell.addresses.intersects(grant.addresses)) return [cell];
      const inside = cell.addresses.intersect(grant.addresses);
      const outside = cell.addresses.subtract(grant.addresses);
      const covered = { addresses: inside, covers: [...cell.covers, grant.subject] };
      return outside.isEmpty ? [covered] : [covered, { addresses: outside, covers: cell.covers }];
    });
  }
  let isBound = false;
  const fresh = cells.filter(({ covers }) => {
    const { kind } = isCovered(subject, covers, budget);
    isBound ||= kind === 'unknown';
    return kind !== 'covered';
  });
  return { addresses: AddressSet.unionAll(fresh.map((cell) => cell.addresses)), isBound };
}

/** INTERNET is the class of policies that open anything on the Internet. */
export const INTERNET: PolicyClass = { includes: (policy) => internetRules(policy).length > 0 };
