import type { AddressSet } from '../../sets/address-set.ts';
import type { Budget } from '../../sets/budget.ts';
import { type Fraction, publicShares } from '../../sets/globally-routable.ts';
import { Memo } from '../model/memo.ts';
import type { Aim } from './internet-rules.ts';

/** Steps of measuring one bound. */
export const MEASURED = 3;

/** Sums of shares are not exact. With this margin, a little is tried in vain, but nothing is missed. */
const ROUNDING = 1e-9;

const shares = new Memo<AddressSet, number>();

/** shareOf returns the share of the public addresses of a family that a set holds; measured once for each set. */
export function shareOf(addresses: AddressSet, family: Aim['family'], budget: Budget): number {
  return shares.get(addresses, `${family}`, () => {
    budget.spend(MEASURED * addresses.steps);
    const { v4, v6 } = publicShares(addresses);
    return family === 4 ? v4 : v6;
  });
}

/** leastShare is the sum of shares below which their sets together cannot pass a threshold. */
export function leastShare({ numerator, denominator }: Fraction): number {
  return Number(numerator) / Number(denominator) - ROUNDING;
}
