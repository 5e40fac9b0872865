import type { Budget } from '../../sets/budget.ts';
import { MANAGED_PREFIX } from '../model/labels.ts';

/** REPAIR_PREFIX begins the names of policies that give the pods of one other policy their DNS back. */
export const REPAIR_PREFIX = `${MANAGED_PREFIX}dns-for-`;

/** An RFC 1123 subdomain. */
const NAME_MAX = 253;
const HASH_LENGTH = 16;

/**
 * repairName is the name of the policy that repairs the one called `policy`. A long name is cut and ends in a hash;
 * only such names have the maximum length, so no two policies share one.
 */
export function repairName(policy: string): string {
  const name = `${REPAIR_PREFIX}${policy}`;
  return name.length < NAME_MAX ? name : `${name.slice(0, NAME_MAX - HASH_LENGTH)}${fnv1a(policy)}`;
}

/** Steps of hashing one character. */
const HASHED = 4;

/** isRepairName holds if `name` is that of the policy that repairs the one called `policy`. Throws BudgetSpent. */
export function isRepairName(name: string, policy: string, budget: Budget): boolean {
  const plain = `${REPAIR_PREFIX}${policy}`;
  if (plain.length < NAME_MAX) return plain === name;
  if (name.length !== NAME_MAX || !plain.startsWith(name.slice(0, NAME_MAX - HASH_LENGTH))) return false;
  budget.spend(HASHED * policy.length);
  return repairName(policy) === name;
}

/** FNV-1a of 64 bits, in hexadecimal digits. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(HASH_LENGTH, '0');
}
