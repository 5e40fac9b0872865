import { InvalidObject } from '../../objects/invalid-object.ts';
import { withShortIngress } from '../../policy/dns/short-ingress.ts';
import { NamespacePolicies } from '../../policy/model/namespace-policies.ts';
import type { Policy } from '../../policy/model/policy.ts';
import { policyKey } from '../../policy/model/policy-key.ts';
import type { Room } from '../../policy/model/snapshot.ts';
import { weightOf } from '../../policy/model/weight.ts';
import { ChangeNotices } from '../../runtime/change-notices.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { KubeObject, ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { FairShare } from './fair-share.ts';
import { KeptPolicies } from './kept-policies.ts';
import { keyIn, nameIn, OWN_POLICIES, type PolicyCollection, readIn } from './policy-collection.ts';
import { PolicyInterner } from './policy-interner.ts';

const NONE = new NamespacePolicies();

/**
 * PolicyCache keeps policies compiled, by namespace; each event compiles one policy. What it keeps is bounded: ingress
 * only where it matters, and for each namespace so many bytes. If a tenant fills a namespace, verdicts there are no
 * longer certain, but those of other tenants are.
 */
export class PolicyCache implements ObjectHandler {
  /** By namespace. */
  readonly changes = new ChangeNotices();
  /** By namespace, whenever its policies must be read again. */
  readonly gaps = new ChangeNotices();
  private readonly logger: Logger;
  private readonly share: FairShare;
  private readonly interner = new PolicyInterner();
  private readonly byNamespace = new Map<string, KeptPolicies>();
  private readonly unreadableKeys = new Map<string, Set<string>>();
  private limit: number;
  private holdsDns: (namespace: string) => boolean = () => true;

  /** `bytes` is what all policies may take together, as weightOf estimates it. */
  constructor(logger: Logger, bytes?: number) {
    this.logger = logger;
    this.share = new FairShare(bytes);
    this.limit = this.share.limit;
  }

  onAdd(object: KubeObject, collection: PolicyCollection = OWN_POLICIES): void {
    const { namespace } = object;
    const key = keyIn(collection, object.name);
    const policy = this.compile(object, collection);
    if (policy === undefined) {
      this.drop(namespace, key);
      this.unreadableIn(namespace).add(key);
    } else {
      this.forgive(namespace, key);
      this.change(namespace, (kept) => kept.set(key, policy));
    }
    this.changes.tell(namespace);
  }

  onUpdate(object: KubeObject, collection: PolicyCollection = OWN_POLICIES): void {
    this.onAdd(object, collection);
  }

  onDelete({ namespace, name }: ObjectKey, collection: PolicyCollection = OWN_POLICIES): void {
    const key = keyIn(collection, name);
    this.drop(namespace, key);
    this.forgive(namespace, key);
    this.changes.tell(namespace);
  }

  /** forget drops all policies of a collection that is no longer served. */
  forget(collection: PolicyCollection): void {
    for (const [namespace, keys] of [...this.unreadableKeys, ...this.keptKeys()]) {
      for (const key of keys) {
        const name = nameIn(collection, key);
        if (name !== undefined) this.onDelete({ namespace, name }, collection);
      }
    }
  }

  /** handlerOf returns the handler of another collection's policies. */
  handlerOf(collection: PolicyCollection): ObjectHandler {
    return {
      onAdd: (object) => this.onAdd(object, collection),
      onUpdate: (object) => this.onUpdate(object, collection),
      onDelete: (key) => this.onDelete(key, collection),
    };
  }

  /** policies returns the namespace's, kept current in place; an empty collection where there is none. */
  policies(namespace: string): NamespacePolicies {
    return this.byNamespace.get(namespace)?.policies ?? NONE;
  }

  /** namespaces names those that have policies. */
  namespaces(): Iterable<string> {
    return this.byNamespace.keys();
  }

  /**
   * unreadable names the namespace's policies that could not be compiled, or are too large to be kept, so that no
   * verdict treats them as absent.
   */
  unreadable(namespace: string): readonly string[] {
    return [...(this.unreadableKeys.get(namespace) ?? []), ...(this.byNamespace.get(namespace)?.unkept() ?? [])];
  }

  /** missing names the policies that are to be read again. */
  *missing(): Generator<{ readonly namespace: string; readonly key: string }> {
    for (const [namespace, kept] of this.byNamespace) for (const key of kept.missing()) yield { namespace, key };
  }

  /** room returns how much of its limit the namespace uses. */
  room(namespace: string): Room {
    const kept = this.byNamespace.get(namespace);
    return {
      limit: this.limit,
      demanded: kept?.demanded ?? 0,
      isWhole: kept?.isWhole ?? true,
      weigh: (policy) => weightOf(this.asKept(policy, namespace)),
    };
  }

  /**
   * keepIngressWhere names the namespaces that hold DNS servers: there ingress rules count. Policies that must now be
   * kept differently are shortened or read again.
   */
  keepIngressWhere(holdsDns: (namespace: string) => boolean): void {
    this.holdsDns = holdsDns;
    for (const [namespace, kept] of [...this.byNamespace]) {
      for (const policy of [...kept.policies.all()]) this.keepAgain(policy, namespace, kept);
    }
  }

  /** compile reads a policy; undefined, and a line in the log, where its shape is not that of its kind. */
  compile(object: KubeObject, collection: PolicyCollection = OWN_POLICIES): Policy | undefined {
    const { namespace } = object;
    try {
      return this.interner.intern(this.asKept(readIn(collection, object), namespace));
    } catch (error) {
      if (!(error instanceof InvalidObject)) throw error;
      const name = keyIn(collection, object.name);
      this.logger.error(
        { namespace, name, err: error },
        'cannot read network policy; verdicts in its namespace are uncertain',
      );
      return undefined;
    }
  }

  private asKept(policy: Policy, namespace: string): Policy {
    return this.holdsDns(namespace) ? policy : withShortIngress(policy);
  }

  private keepAgain(policy: Policy, namespace: string, kept: KeptPolicies): void {
    const key = policyKey(policy.ref);
    if (key === undefined) return;
    if (!this.holdsDns(namespace)) {
      const short = withShortIngress(policy);
      if (short !== policy) this.change(namespace, () => kept.set(key, short));
    } else if (policy.isIngressShort) {
      kept.doubt(key);
      this.gaps.tell(namespace);
    }
  }

  private keptKeys(): readonly (readonly [string, readonly string[]])[] {
    return [...this.byNamespace].map(([namespace, kept]) => [namespace, [...kept.keys()]]);
  }

  private drop(namespace: string, key: string): void {
    const kept = this.byNamespace.get(namespace);
    if (kept === undefined) return;
    this.change(namespace, () => kept.delete(key));
    if (kept.demanded === 0) this.byNamespace.delete(namespace);
  }

  /** Others may get more or less room when one namespace gains or loses some. */
  private change(namespace: string, work: (kept: KeptPolicies) => void): void {
    let kept = this.byNamespace.get(namespace);
    if (kept === undefined) {
      kept = new KeptPolicies(this.limit);
      this.byNamespace.set(namespace, kept);
    }
    const { demanded } = kept;
    this.watching(namespace, kept, work);
    this.share.change(demanded, kept.demanded);
    if (this.share.limit !== this.limit) this.limitAllTo(this.share.limit);
  }

  private limitAllTo(limit: number): void {
    this.limit = limit;
    this.logger.warn({ limit }, 'limit per namespace changed with the size of all network policies');
    for (const [namespace, kept] of this.byNamespace) this.watching(namespace, kept, () => kept.limitTo(limit));
  }

  /** watching reports what the work leaves unkept. */
  private watching(namespace: string, kept: KeptPolicies, work: (kept: KeptPolicies) => void): void {
    const { isWhole } = kept;
    work(kept);
    if (isWhole && kept.isWhole) return;
    if (isWhole) {
      const fields = { namespace, bytes: kept.demanded, limit: this.limit };
      this.logger.warn(fields, 'network policies are too large to keep; verdicts in their namespace are uncertain');
    }
    this.changes.tell(namespace);
    if (hasAny(kept.missing())) this.gaps.tell(namespace);
  }

  private forgive(namespace: string, key: string): void {
    const keys = this.unreadableKeys.get(namespace);
    keys?.delete(key);
    if (keys?.size === 0) this.unreadableKeys.delete(namespace);
  }

  private unreadableIn(namespace: string): Set<string> {
    const keys = this.unreadableKeys.get(namespace) ?? new Set();
    this.unreadableKeys.set(namespace, keys);
    return keys;
  }
}

function hasAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
