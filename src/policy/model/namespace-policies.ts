import type { Policy } from './policy.ts';
import { SelectorIndex } from './selector-index.ts';

/** PolicyClass is a property of policies worth an index. Compared by identity: make each one once. */
export interface PolicyClass {
  includes(policy: Policy): boolean;
}

/**
 * Classes in use at a time are some three dozen at most; older ones belong to settings or DNS servers that no longer
 * exist.
 */
const MAX_INDEXES = 48;

/**
 * NamespacePolicies holds the compiled policies of one namespace, indexed for verdicts. It is updated in place as
 * policies come and go, so that compiling costs time when a policy changes and not when a request arrives.
 */
export class NamespacePolicies {
  private readonly byKey = new Map<string, Policy>();
  private readonly indexes = new Map<PolicyClass, SelectorIndex<Policy>>();

  get size(): number {
    return this.byKey.size;
  }

  /** get returns the policy of that key, as policyKey has it. */
  get(key: string): Policy | undefined {
    return this.byKey.get(key);
  }

  all(): Iterable<Policy> {
    return this.byKey.values();
  }

  /** set adds the policy, or replaces the one of that key. */
  set(key: string, policy: Policy): void {
    this.delete(key);
    this.byKey.set(key, policy);
    for (const [policyClass, index] of this.indexes) if (policyClass.includes(policy)) index.add(policy);
  }

  delete(key: string): void {
    const policy = this.byKey.get(key);
    if (policy === undefined) return;
    this.byKey.delete(key);
    for (const index of this.indexes.values()) index.delete(policy);
  }

  /** index returns the policies of one class; built at first use, kept current from then on. */
  index(policyClass: PolicyClass): SelectorIndex<Policy> {
    const known = this.indexes.get(policyClass);
    if (known !== undefined) return known;
    const index = new SelectorIndex<Policy>();
    for (const policy of this.byKey.values()) if (policyClass.includes(policy)) index.add(policy);
    if (this.indexes.size >= MAX_INDEXES) {
      for (const oldest of this.indexes.keys()) {
        this.indexes.delete(oldest);
        break;
      }
    }
    this.indexes.set(policyClass, index);
    return index;
  }
}
