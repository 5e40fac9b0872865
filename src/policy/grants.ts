import type { AddressSet } from '../sets/address-set.ts';
import { isCovered, newBudget } from '../sets/coverage.ts';
import type { LabelSelector } from '../sets/label-selector.ts';

/** AddressGrant is what one policy opens for one aim: these addresses, to the pods that it selects. */
export interface AddressGrant {
  readonly subject: LabelSelector;
  readonly addresses: AddressSet;
}

/** Past this many different stretches of addresses the comparison gives up and counts the grant as new. */
const MAX_CELLS = 2_000;

/**
 * isGranted decides whether each of these pods already reaches each of these addresses through the given grants
 * together: the grant of a change that is contained in what was there before makes nothing worse.
 */
export function isGranted(subject: LabelSelector, addresses: AddressSet, grants: readonly AddressGrant[]): boolean {
  let cells: readonly { addresses: AddressSet; covers: readonly LabelSelector[] }[] = [{ addresses, covers: [] }];
  for (const grant of grants) {
    cells = cells.flatMap((cell) => {
      const inside = cell.addresses.intersect(grant.addresses);
      if (inside.isEmpty) return [cell];
      const outside = cell.addresses.subtract(grant.addresses);
      const covered = { addresses: inside, covers: [...cell.covers, grant.subject] };
      return outside.isEmpty ? [covered] : [covered, { addresses: outside, covers: cell.covers }];
    });
    if (cells.length > MAX_CELLS) return false;
  }
  return cells.every(({ addresses: part, covers }) => part.isEmpty || isSelected(subject, covers));
}

function isSelected(subject: LabelSelector, covers: readonly LabelSelector[]): boolean {
  return isCovered(subject, covers, newBudget()).kind === 'covered';
}
