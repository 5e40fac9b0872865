import { InvalidObject } from '../../objects/invalid-object.ts';
import { readNetworkPolicy } from '../../policy/dialects/network-policy/network-policy.ts';
import { withShortIngress } from '../../policy/dns/short-ingress.ts';
import { NamespacePolicies } from '../../policy/model/namespace-policies.ts';
import type { Policy } from '../../policy/model/policy.ts';
import type { Room } from '../../policy/model/snapshot.ts';
import { weightOf } from '../../policy/model/weight.ts';
import { ChangeNotices } from '../../runtime/change-notices.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { KubeObject, ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { FairShare } from './fair-share.ts';
import { KeptPolicies } from './kept-policies.ts';
import { PolicyInterner } from './policy-interner.ts';

const NONE = new NamespacePolicies();

/**
 * PolicyCache keeps NetworkPolicies compiled, by namespace; each event compiles one policy. What it keeps is bounded:
 * ingress only where it matters, and for each namespace so many bytes. A tenant who fills his namespace is told that
 * verdicts there are no longer certain, and costs nobody else theirs.
 */
export class PolicyCache implements ObjectHandler {
  /** By namespace. */
  readonly changes = new ChangeNotices();
  /** By namespace, whenever policies of it are to be read again. */
  readonly gaps = new ChangeNotices();
  private readonly logger: Logger;
  private readonly share: FairShare;
  private readonly interner = new PolicyInterner();
  private readonly byNamespace = new Map<string, KeptPolicies>();
  private readonly unreadableNames = new Map<string, Set<string>>();
  private limit: number;
  private holdsDns: (namespace: string) => boolean = () => true;

  /** `bytes` is what all policies may take together, as weightOf estimates it. */
  constructor(logger: Logger, bytes?: number) {
    this.logger = logger;
    this.share = new FairShare(bytes);
    this.limit = this.share.limit;
  }

  onAdd(object: KubeObject): void {
    const { namespace, name } = object;
    const policy = this.compile(object);
    if (policy === undefined) {
      this.drop(object);
      this.unreadableIn(namespace).add(name);
    } else {
      this.forgive(object);
      this.change(namespace, (kept) => kept.set(name, policy));
    }
    this.changes.tell(namespace);
  }

  onUpdate(object: KubeObject): void {
    this.onAdd(object);
  }

  onDelete(key: ObjectKey): void {
    this.drop(key);
    this.forgive(key);
    this.changes.tell(key.namespace);
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
   * unreadable names the namespace's policies that could not be compiled, or are too large to be kept, so that nobody
   * takes them for absent.
   */
  unreadable(namespace: string): readonly string[] {
    return [...(this.unreadableNames.get(namespace) ?? []), ...(this.byNamespace.get(namespace)?.unkept() ?? [])];
  }

  /** missing names the policies that are to be read again. */
  *missing(): Generator<ObjectKey> {
    for (const [namespace, kept] of this.byNamespace) for (const name of kept.missing()) yield { namespace, name };
  }

  /** room says how much of its limit the namespace uses. */
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
   * keepIngressWhere names the namespaces that hold DNS servers: there ingress rules count. What is not kept as it should
   * be from now on is shortened, or is to be read again.
   */
  keepIngressWhere(holdsDns: (namespace: string) => boolean): void {
    this.holdsDns = holdsDns;
    for (const [namespace, kept] of [...this.byNamespace]) {
      for (const policy of [...kept.policies.all()]) this.keepAgain(policy, namespace, kept);
    }
  }

  /** compile reads a policy; undefined, and a line in the log, where its shape is not a NetworkPolicy's. */
  compile({ namespace, name, json }: KubeObject): Policy | undefined {
    try {
      return this.interner.intern(this.asKept(readNetworkPolicy(json, namespace), namespace));
    } catch (error) {
      if (!(error instanceof InvalidObject)) throw error;
      this.logger.error({ namespace, name, err: error }, 'network policy cannot be read, verdicts there are uncertain');
      return undefined;
    }
  }

  private asKept(policy: Policy, namespace: string): Policy {
    return this.holdsDns(namespace) ? policy : withShortIngress(policy);
  }

  private keepAgain(policy: Policy, namespace: string, kept: KeptPolicies): void {
    const { name } = policy.ref;
    if (name === undefined) return;
    if (!this.holdsDns(namespace)) {
      const short = withShortIngress(policy);
      if (short !== policy) this.change(namespace, () => kept.set(name, short));
    } else if (policy.isIngressShort) {
      kept.doubt(name);
      this.gaps.tell(namespace);
    }
  }

  private drop({ namespace, name }: ObjectKey): void {
    const kept = this.byNamespace.get(namespace);
    if (kept === undefined) return;
    this.change(namespace, () => kept.delete(name));
    if (kept.demanded === 0) this.byNamespace.delete(namespace);
  }

  /** Others may get more or less room for what one namespace gains or loses. */
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
    this.logger.warn({ limit }, 'all network policies together have grown or shrunk: each namespace has another limit');
    for (const [namespace, kept] of this.byNamespace) this.watching(namespace, kept, () => kept.limitTo(limit));
  }

  /** watching tells of what the work leaves unkept. */
  private watching(namespace: string, kept: KeptPolicies, work: (kept: KeptPolicies) => void): void {
    const { isWhole } = kept;
    work(kept);
    if (isWhole && kept.isWhole) return;
    if (isWhole) {
      const fields = { namespace, bytes: kept.demanded, limit: this.limit };
      this.logger.warn(fields, 'network policies are too large to be kept, verdicts there are uncertain');
    }
    this.changes.tell(namespace);
    if (hasAny(kept.missing())) this.gaps.tell(namespace);
  }

  private forgive({ namespace, name }: ObjectKey): void {
    const names = this.unreadableNames.get(namespace);
    names?.delete(name);
    if (names?.size === 0) this.unreadableNames.delete(namespace);
  }

  private unreadableIn(namespace: string): Set<string> {
    const names = this.unreadableNames.get(namespace) ?? new Set();
    this.unreadableNames.set(namespace, names);
    return names;
  }
}

function hasAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
