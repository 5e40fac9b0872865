import { AddressSet } from '../sets/address-set.ts';
import { addressesOf } from '../sets/cidr.ts';
import type { Labels } from '../sets/label-selector.ts';
import { dnsFacts } from './dns/facts.ts';
import { NAMESPACE_NAME } from './model/labels.ts';
import { NamespacePolicies } from './model/namespace-policies.ts';
import type { Policy } from './model/policy.ts';
import { policyKey } from './model/policy-key.ts';
import type { Settings } from './model/settings.ts';
import type { ClusterSnapshot, NamespaceFacts, ServiceFacts } from './model/snapshot.ts';

/** OfflineWorld is a cluster as files describe it. */
export interface OfflineWorld {
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels; readonly terminating: boolean }[];
  /** If two have the same namespace and name, the later one counts. */
  readonly policies: readonly Policy[];
  /** Those that the API server would refuse. */
  readonly invalidPolicies?: readonly Policy[] | undefined;
  /** Objects of other policy APIs; one without a namespace reaches every namespace. */
  readonly otherPolicies: readonly { readonly kind: string; readonly namespace?: string | undefined }[];
}

/** USUAL_SERVICE_RANGES are the Service ranges that distributions use. */
const USUAL_SERVICE_RANGES: NonNullable<ServiceFacts['usual']> = [
  { of: 'kubeadm', addresses: addressesOf('10.96.0.0/12') },
  { of: 'K3s and RKE2', addresses: addressesOf('10.43.0.0/16') },
  { of: 'OpenShift', addresses: addressesOf('172.30.0.0/16') },
  { of: 'MicroK8s', addresses: addressesOf('10.152.183.0/24') },
  { of: 'Kubespray', addresses: addressesOf('10.233.0.0/18') },
  { of: 'GKE', addresses: addressesOf('34.118.224.0/20') },
];

const RANGES = AddressSet.unionAll(USUAL_SERVICE_RANGES.map(({ addresses }) => addresses));

/** offlineSnapshot makes the snapshot of a cluster that is only known from files. */
export function offlineSnapshot(world: OfflineWorld, settings: Settings): ClusterSnapshot {
  const namespaces = new Map<string, NamespaceFacts>();
  for (const { name, labels, terminating } of world.namespaces) {
    namespaces.set(name, { name, labels: new Map(labels).set(NAMESPACE_NAME, name), labelsKnown: true, terminating });
  }
  const policies = new Map<string, NamespacePolicies>();
  for (const [i, policy] of world.policies.entries()) {
    const { namespace } = policy.ref;
    const of = policies.get(namespace) ?? new NamespacePolicies();
    policies.set(namespace, of);
    of.set(policyKey(policy.ref) ?? `(unnamed ${i})`, policy);
  }
  const none = new NamespacePolicies();
  return {
    namespace: (name) => namespaces.get(name),
    policies: (namespace) => policies.get(namespace) ?? none,
    namespacesWithPolicies: () => policies.keys(),
    dns: dnsFacts(settings, undefined, namespaces),
    services: { ranges: RANGES, usual: USUAL_SERVICE_RANGES, apiServerEndpoints: [] },
    unreadablePolicies: () => [],
    invalidPolicies: (namespace) => (world.invalidPolicies ?? []).filter(({ ref }) => ref.namespace === namespace),
    otherPolicies: (namespace) => [
      ...new Set(
        world.otherPolicies
          .filter((other) => other.namespace === undefined || other.namespace === namespace)
          .map(({ kind }) => kind),
      ),
    ],
  };
}
