import type { Policy } from '../policy/model.ts';
import { NamespacePolicies } from '../policy/namespace-policies.ts';
import { InvalidObject, readNetworkPolicy } from '../policy/readers/network-policy.ts';
import { ChangeNotices } from './change-notices.ts';
import type { KubeObject, ObjectKey } from './kube-object.ts';
import type { Logger } from './logger.ts';
import type { ObjectHandler } from './object-handler.ts';
import { PolicyInterner } from './policy-interner.ts';

const NONE = new NamespacePolicies();

/** PolicyCache keeps every NetworkPolicy compiled, by namespace; each event compiles one policy. */
export class PolicyCache implements ObjectHandler {
  /** By namespace. */
  readonly changes = new ChangeNotices();
  private readonly logger: Logger;
  private readonly interner = new PolicyInterner();
  private readonly byNamespace = new Map<string, NamespacePolicies>();
  private readonly unreadableNames = new Map<string, Set<string>>();

  constructor(logger: Logger) {
    this.logger = logger;
  }

  onAdd(object: KubeObject): void {
    const policy = this.compile(object);
    if (policy === undefined) {
      this.drop(object);
      this.unreadableIn(object.namespace).add(object.name);
    } else {
      this.forgive(object);
      let policies = this.byNamespace.get(object.namespace);
      if (policies === undefined) {
        policies = new NamespacePolicies();
        this.byNamespace.set(object.namespace, policies);
      }
      policies.set(object.name, policy);
    }
    this.changes.tell(object.namespace);
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
    return this.byNamespace.get(namespace) ?? NONE;
  }

  /** namespaces names those that have policies. */
  namespaces(): Iterable<string> {
    return this.byNamespace.keys();
  }

  /** unreadable names the namespace's policies that could not be compiled, so that nobody takes them for absent. */
  unreadable(namespace: string): readonly string[] {
    return [...(this.unreadableNames.get(namespace) ?? [])];
  }

  /** compile reads a policy; undefined, and a line in the log, where its shape is not a NetworkPolicy's. */
  compile({ namespace, name, json }: KubeObject): Policy | undefined {
    try {
      return this.interner.intern(readNetworkPolicy(json, namespace));
    } catch (error) {
      if (!(error instanceof InvalidObject)) throw error;
      this.logger.error({ namespace, name, err: error }, 'network policy cannot be read, verdicts there are uncertain');
      return undefined;
    }
  }

  private drop({ namespace, name }: ObjectKey): void {
    const policies = this.byNamespace.get(namespace);
    policies?.delete(name);
    if (policies?.size === 0) this.byNamespace.delete(namespace);
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
