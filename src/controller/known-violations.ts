import type { Policy } from '../policy/model/policy.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';

/** Violation is a stored policy that breaks a rule that its namespace enforces. */
export interface Violation {
  readonly policy: string;
  readonly rule: string;
}

/**
 * KnownViolations tells which violations are new in one term of leading. Violations that existed when the term began
 * are not new until a second look at their namespace finds more than the first: a new leader does not repeat what
 * others have reported.
 */
export class KnownViolations {
  private readonly stood = new WeakSet<Policy>();
  /** Of the namespaces that were looked at in this term. */
  private readonly byNamespace = new Map<string, ReadonlySet<string>>();

  constructor(snapshot: ClusterSnapshot) {
    for (const namespace of snapshot.namespacesWithPolicies()) {
      for (const policy of snapshot.policies(namespace).all()) this.stood.add(policy);
    }
  }

  /** isNews holds for a violation that was not there at the last look. */
  isNews(namespace: string, policy: Policy, violation: Violation): boolean {
    const known = this.byNamespace.get(namespace);
    return known === undefined ? !this.stood.has(policy) : !known.has(keyOf(violation));
  }

  /** looked keeps all violations that a look at the namespace found. */
  looked(namespace: string, violations: readonly Violation[]): void {
    this.byNamespace.set(namespace, new Set(violations.map(keyOf)));
  }

  /** forget drops a namespace without policies: what comes next is all new. */
  forget(namespace: string): void {
    this.byNamespace.delete(namespace);
  }
}

function keyOf({ policy, rule }: Violation): string {
  return `${policy} ${rule}`;
}
