import type { AddressSet } from '../../sets/address-set.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { PortSet } from '../../sets/port-set.ts';
import type { ObjectRef } from './finding.ts';
import type { ChartAdvice } from './known-charts.ts';

/**
 * Policy is the common form of policies of all dialects: which pods it selects and isolates, and what it allows.
 * Immutable.
 */
export interface Policy {
  readonly ref: ObjectRef;
  /** The pods of its namespace that it selects. */
  readonly subject: LabelSelector;
  readonly isolatesEgress: boolean;
  readonly isolatesIngress: boolean;
  /** Empty if the policy does not isolate for egress: its rules then do nothing. */
  readonly egress: readonly AllowRule[];
  /** Empty if the policy does not isolate for ingress. */
  readonly ingress: readonly AllowRule[];
  /** Whether the object has more ingress than `ingress`: withShortIngress dropped what no verdict needs. */
  readonly isIngressShort?: true | undefined;
  /** Egress rules that do nothing, because `policyTypes` does not list Egress. */
  readonly ignoredEgress: readonly AllowRule[];
  /** Holds where the object carries a deletionTimestamp. */
  readonly deleting: boolean;
  /** Advice about the Helm chart that it comes from, found by its labels. */
  readonly chart?: ChartAdvice | undefined;
  /** Present if netpol-guard manages the object, by its name or its label. */
  readonly managed?: ManagedSpec | undefined;
}

/** ManagedSpec is what is compared of a managed policy. */
export interface ManagedSpec {
  /** The whole spec, as specText spells it. */
  readonly text: string;
  /** Holds where the object carries MANAGED_LABELS. */
  readonly labelled: boolean;
  /** Holds where the object has an owner, with which the garbage collector deletes it. */
  readonly owned: boolean;
  /** In the object's order; each of them can keep the object indefinitely. */
  readonly finalizers: readonly string[];
  /** Holds where its managedFields say that netpol-guard applied it; never for a cached object, which has none. */
  readonly applied: boolean;
}

/** AllowRule is one item of `egress` or `ingress`; equal items are one, with the path of the first. */
export interface AllowRule {
  /** Path of the item, such as `spec.egress[0]`. */
  readonly path: string;
  /** `any` if `to` or `from` is missing: every pod and every address. */
  readonly peers: readonly Peer[] | 'any';
  /** The union of `entries`; every port if there are none. */
  readonly ports: PortSet;
  /** One for each different item of `ports`, in order; empty where `ports` is missing. */
  readonly entries: readonly PortEntry[];
}

/** PortEntry is one item of `ports`. */
export interface PortEntry {
  readonly path: string;
  readonly ports: PortSet;
  /** As messages show it: `UDP 53`, `TCP 1-1024`, `TCP dns-tcp`, `UDP` for all of UDP. */
  readonly text: string;
}

/** Peer is one item of `to` or `from`. */
export type Peer = PodPeer | AddressPeer;

/** PodPeer names pods by labels. */
export interface PodPeer {
  readonly kind: 'pods';
  readonly path: string;
  /** Which namespaces; `own` where there is no namespaceSelector. */
  readonly namespaces: LabelSelector | 'own';
  readonly pods: LabelSelector;
}

/** AddressPeer names addresses. */
export interface AddressPeer {
  readonly kind: 'addresses';
  readonly path: string;
  readonly addresses: AddressSet;
  /** The `cidr` as written. */
  readonly cidr: string;
}
