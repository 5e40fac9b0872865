import { BudgetSpent } from '../../sets/budget.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Change } from '../model/change.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Peer, Policy } from '../model/policy.ts';
import type { PolicyState } from '../model/policy-state.ts';
import type { DnsFacts, DnsWorld } from '../model/snapshot.ts';
import { KUBE_DNS, OPENSHIFT } from './dns-places.ts';

/**
 * worldsFor returns the possible locations of cluster DNS for the policy of a change, and for those that select the
 * same pods. If only files are known, and none of them is the Namespace of OpenShift's DNS, cluster DNS is kube-dns. It
 * is OpenShift's if an egress peer of these policies names OpenShift's DNS by its namespace or by the label of its pods.
 * Policies that name both are meant for both kinds of cluster. A policy in the namespace of either may cut its pods off,
 * whatever a peer names. Port 5353 on its own is multicast DNS.
 */
export function worldsFor(
  { worlds, discovered }: DnsFacts,
  state: PolicyState,
  change: Pick<Change, 'before' | 'after'>,
): readonly DnsWorld[] {
  const openShift = worlds.filter(({ name }) => name === 'openshift');
  const usual = worlds.filter(({ name }) => name !== 'openshift');
  if (discovered || usual.length === 0 || openShift.length === 0) return worlds;
  const names = (policyClass: PolicyClass) => isNamed(policyClass, state, change.after ?? change.before);
  if (!names(NAMES_OPENSHIFT)) return usual;
  return names(NAMES_KUBE_DNS) ? [...openShift, ...usual] : openShift;
}

function isNamed(policyClass: PolicyClass, state: PolicyState, policy: Policy | undefined): boolean {
  if (policy === undefined) return state.includesAny(policyClass);
  if (policyClass.includes(policy)) return true;
  try {
    return state.hasAny(policyClass, policy.subject);
  } catch (error) {
    // Whatever is asked next has no budget left either, and reports that.
    if (error instanceof BudgetSpent) return true;
    throw error;
  }
}

const NAMES_OPENSHIFT: PolicyClass = {
  includes: (policy) => policy.ref.namespace === OPENSHIFT.namespace || peersOf(policy).some(namesOpenShift),
};
const NAMES_KUBE_DNS: PolicyClass = {
  includes: (policy) => policy.ref.namespace === KUBE_DNS.namespace || peersOf(policy).some(namesKubeDns),
};

/** Ingress peers say nothing about the resolver. */
function peersOf({ egress, ignoredEgress }: Policy): readonly Peer[] {
  return [...egress, ...ignoredEgress].flatMap(({ peers }) => (peers === 'any' ? [] : peers));
}

/** A peer with the label of the pods means them, even if it requires the label of the namespace. */
function namesOpenShift(peer: Peer): boolean {
  if (peer.kind !== 'pods') return false;
  if (demands(peer.pods, OPENSHIFT.label)) return true;
  if (peer.namespaces === 'own') return false;
  return demands(peer.namespaces, OPENSHIFT.label) || namesNamespace(peer.namespaces, OPENSHIFT.namespace);
}

function namesKubeDns(peer: Peer): boolean {
  if (peer.kind !== 'pods' || peer.namespaces === 'own' || demands(peer.pods, OPENSHIFT.label)) return false;
  if (namesNamespace(peer.namespaces, KUBE_DNS.namespace)) return true;
  return demands(peer.pods, KUBE_DNS.label) && !namesOpenShift(peer);
}

function demands(selector: LabelSelector, label: string): boolean {
  return selector.constraints.get(label)?.absent === false;
}

/** By any label whose key is a name: `name: openshift-dns` also means that namespace, `team: openshift-dns` does not. */
function namesNamespace({ constraints }: LabelSelector, name: string): boolean {
  return [...constraints].some(([key, set]) => NAME_KEY.test(key) && !set.complement && set.values.has(name));
}

const NAME_KEY = /(?:^|[./-])name(?:space)?$/;
