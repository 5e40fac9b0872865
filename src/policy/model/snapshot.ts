import type { AddressSet } from '../../sets/address-set.ts';
import type { Labels } from '../../sets/label-selector.ts';
import type { FactKind } from './dialect.ts';
import type { DnsPods, DnsServer } from './dns-server.ts';
import type { NamespacePolicies } from './namespace-policies.ts';
import type { Policy } from './policy.ts';

/** NamespaceFacts is what the engine knows of one namespace. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Labels;
  /** Whether these are all its labels. Offline, a namespace that is in no file may have others. */
  readonly labelsKnown: boolean;
  readonly terminating: boolean;
  /** Milliseconds since the epoch, to the second; absent offline. */
  readonly createdAt?: number | undefined;
  /** Unique among namespaces of the same name over time; absent offline. */
  readonly uid?: string | undefined;
}

/**
 * DnsWorld is one answer to "where is cluster DNS?". A pod that reaches any one of its servers over a protocol reaches
 * DNS. With discovery or configuration there is one world; offline the default presets are alternatives.
 */
export interface DnsWorld {
  readonly name: string;
  readonly servers: readonly DnsServer[];
  /** Pods that are DNS servers on some clusters, if files do not tell: reaching one may be reaching DNS. */
  readonly perhaps?: readonly DnsPods[] | undefined;
}

/** DnsFacts describes cluster DNS. Compared by identity: a new object means that something changed. */
export interface DnsFacts {
  readonly worlds: readonly DnsWorld[];
  /** Facts about the namespaces that hold DNS servers, by name. */
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
  /** Addresses on which an ipBlock may or may not reach DNS, depending on the network plugin. */
  readonly blockAddresses: AddressSet;
  /** Whether `worlds` comes from a live cluster. */
  readonly discovered: boolean;
  /** False if a live cluster has no server that configuration or discovery names: `worlds` are then the usual ones. */
  readonly isKnown: boolean;
  /**
   * The nameserver of the pods, if it is not among the servers: until the operator settles which is right, no further
   * namespace is locked down.
   */
  readonly mismatch?: string | undefined;
}

/** ServiceFacts is what `service-address-in-ip-block` needs of Services. */
export interface ServiceFacts {
  /** The ranges that ClusterIPs come from. */
  readonly ranges: AddressSet;
  /** Whose ranges these are if they are only those that distributions usually have: `GKE`. */
  readonly usual?: readonly { readonly of: string; readonly addresses: AddressSet }[] | undefined;
  /** Where the API server really listens, such as `10.99.0.2:6443`; empty if unknown. */
  readonly apiServerEndpoints: readonly string[];
}

/** Room is how much of a namespace's policies is kept, in bytes as weightOf estimates them. */
export interface Room {
  readonly limit: number;
  /** What all stored policies of the namespace weigh, as they would be kept. */
  readonly demanded: number;
  /** False while some are not kept: they are or were too large together, and have not all been read again. */
  readonly isWhole: boolean;
  /** weigh returns what a policy would weigh there. */
  weigh(policy: Policy): number;
}

/** ClusterSnapshot is every fact about the cluster that a rule may see. It does not change during a verdict. */
export interface ClusterSnapshot {
  /** undefined if no such namespace is known (yet). */
  namespace(name: string): NamespaceFacts | undefined;
  /** Every policy of the namespace, compiled; an empty collection where there is none. */
  policies(namespace: string): NamespacePolicies;
  /** Names of the namespaces that have policies. */
  namespacesWithPolicies(): Iterable<string>;
  readonly dns: DnsFacts;
  readonly services: ServiceFacts;
  /**
   * Names of NetworkPolicies of the namespace that could not be read or kept, so that no verdict treats them as absent.
   */
  unreadablePolicies(namespace: string): readonly string[];
  /**
   * Policies of the namespace that the API server would refuse, as far as they can be read. They allow nothing and
   * isolate nothing, but their authors wrote them. Absent for a real cluster, which has none.
   */
  invalidPolicies?(namespace: string): readonly Policy[];
  /** Objects of other policy APIs that can reach the namespace, such as `ciliumnetworkpolicies.cilium.io`; empty for none. */
  otherPolicies(namespace: string): readonly string[];
  /** The facts read from the objects of a kind that policies depend on; absent if none were read. */
  facts?(kind: FactKind): Iterable<object>;
  /** Absent if everything is kept. */
  room?(namespace: string): Room;
}
