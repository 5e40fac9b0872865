import type { Policy } from './model.ts';

/**
 * NamespacePolicies holds the compiled policies of one namespace, indexed for verdicts. It is updated in place as
 * policies come and go, so that the cost of compiling is paid when a policy changes and not when a request comes.
 */
export class NamespacePolicies {
  private readonly byName = new Map<string, Policy>();

  get size(): number {
    return this.byName.size;
  }

  get(name: string): Policy | undefined {
    return this.byName.get(name);
  }

  all(): Iterable<Policy> {
    return this.byName.values();
  }

  /** set adds the policy, or replaces the one of that name. */
  set(name: string, policy: Policy): void {
    this.byName.set(name, policy);
  }

  delete(name: string): void {
    this.byName.delete(name);
  }
}
