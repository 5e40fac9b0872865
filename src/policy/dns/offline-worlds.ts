import { NAMESPACE_NAME } from '../model/labels.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Policy } from '../model/policy.ts';
import type { PolicyState } from '../model/policy-state.ts';
import type { DnsFacts, DnsWorld } from '../model/snapshot.ts';

/** Where OpenShift has its DNS, and the label of the pods there. */
const NAMESPACE = 'openshift-dns';
const LABEL = 'dns.operator.openshift.io/daemonset-dns';

/**
 * worldsFor returns who cluster DNS may be for policies of one namespace. Where files alone are known, and say nothing of
 * it, that is kube-dns, unless a peer names OpenShift's: its namespace, or the label of its pods. Port 5353 by itself is
 * multicast DNS.
 */
export function worldsFor({ worlds, discovered }: DnsFacts, state: PolicyState): readonly DnsWorld[] {
  const usual = worlds.filter(({ name }) => name !== 'openshift');
  if (discovered || usual.length === 0 || usual.length === worlds.length) return worlds;
  return state.includesAny(NAMES_OPENSHIFT) ? worlds : usual;
}

const NAMES_OPENSHIFT: PolicyClass = { includes: namesOpenShift };

function namesOpenShift({ egress, ingress, ignoredEgress }: Policy): boolean {
  return [...egress, ...ingress, ...ignoredEgress].some(
    ({ peers }) =>
      peers !== 'any' &&
      peers.some((peer) => {
        if (peer.kind !== 'pods') return false;
        const names = peer.namespaces === 'own' ? undefined : peer.namespaces.constraints.get(NAMESPACE_NAME);
        const isNamed = names !== undefined && !names.complement && names.values.has(NAMESPACE);
        return isNamed || peer.pods.constraints.has(LABEL);
      }),
  );
}
