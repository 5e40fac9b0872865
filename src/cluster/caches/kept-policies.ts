import { NamespacePolicies } from '../../policy/model/namespace-policies.ts';
import type { Policy } from '../../policy/model/policy.ts';
import { policyKey } from '../../policy/model/policy-key.ts';
import { weightOf } from '../../policy/model/weight.ts';
import { type Ranked, Ranking } from './ranking.ts';

/** State of a namespace whose policies have outgrown its limit. */
interface Overgrown {
  readonly ranking: Ranking;
  readonly ranked: Map<string, Ranked>;
  /** Those that fit, and are to be read again: they did not fit when they came. */
  readonly missing: Set<string>;
}

/**
 * KeptPolicies keeps the policies of one namespace within a limit of bytes. For those that do not fit it keeps only
 * name and weight, and reports that. Which are kept depends only on the policies (see Ranking), not on the order of
 * their arrival.
 */
export class KeptPolicies {
  /** Kept current in place. */
  readonly policies = new NamespacePolicies();
  private limit: number;
  private bytes = 0;
  private overgrown: Overgrown | undefined;

  /** `limit` is in bytes, as weightOf estimates them. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** What all policies of the namespace weigh, the ones that are not kept too. */
  get demanded(): number {
    return this.bytes;
  }

  /** isWhole holds while all are kept. */
  get isWhole(): boolean {
    return this.overgrown === undefined;
  }

  set(name: string, policy: Policy): void {
    this.forget(name);
    const ranked = rankedOf(name, policy);
    this.bytes += ranked.weight;
    this.policies.set(name, policy);
    this.overgrown?.ranked.set(name, ranked);
    this.overgrown?.ranking.add(ranked);
    this.settle();
    if (this.overgrown?.ranking.fits(ranked) === false) this.policies.delete(name);
  }

  delete(name: string): void {
    this.forget(name);
    this.settle();
  }

  /** limitTo changes the limit. */
  limitTo(limit: number): void {
    this.limit = limit;
    this.settle();
  }

  /** doubt takes a policy out that is no longer kept as it should be: it is to be read again. */
  doubt(name: string): void {
    const policy = this.policies.get(name);
    if (policy === undefined) return;
    this.overgrown ??= this.overgrow();
    this.policies.delete(name);
    this.overgrown.missing.add(name);
    this.settle();
  }

  /** keys names all policies that are there, kept or not. */
  *keys(): Generator<string> {
    for (const { ref } of this.policies.all()) yield policyKey(ref) ?? '';
    yield* this.unkept();
  }

  /** unkept names the policies that are there and not kept. */
  unkept(): readonly string[] {
    return this.overgrown === undefined ? [] : [...this.overgrown.missing, ...this.overgrown.ranking.dropped()];
  }

  /** missing names those of them that are to be read again. */
  missing(): Iterable<string> {
    return this.overgrown?.missing ?? [];
  }

  private forget(name: string): void {
    const policy = this.policies.get(name);
    const ranked = this.overgrown?.ranked.get(name) ?? (policy && rankedOf(name, policy));
    if (ranked === undefined) return;
    this.bytes -= ranked.weight;
    this.policies.delete(name);
    this.overgrown?.ranking.delete(ranked);
    this.overgrown?.ranked.delete(name);
    this.overgrown?.missing.delete(name);
  }

  private settle(): void {
    if (this.overgrown === undefined && this.bytes <= this.limit) return;
    this.overgrown ??= this.overgrow();
    const { ranking, missing } = this.overgrown;
    const { taken, dropped } = ranking.fit(this.limit);
    for (const name of dropped) {
      missing.delete(name);
      this.policies.delete(name);
    }
    for (const name of taken) if (this.policies.get(name) === undefined) missing.add(name);
    if (this.bytes <= this.limit && missing.size === 0) this.overgrown = undefined;
  }

  /** Weights are only recorded once it matters: most namespaces never get there. */
  private overgrow(): Overgrown {
    const ranked = new Map<string, Ranked>();
    for (const policy of this.policies.all()) {
      const key = policyKey(policy.ref);
      if (key !== undefined) ranked.set(key, rankedOf(key, policy));
    }
    const ranking = new Ranking(ranked.values());
    return { ranking, ranked, missing: new Set() };
  }
}

function rankedOf(name: string, policy: Policy): Ranked {
  return { name, weight: weightOf(policy), managed: policy.managed !== undefined };
}
