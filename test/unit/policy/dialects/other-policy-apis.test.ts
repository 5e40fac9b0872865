import { describe, expect, it } from 'vitest';
import { OTHER_POLICY_APIS, otherPolicyApi } from '../../../../src/policy/dialects/other-policy-apis.ts';

describe('the policy APIs that are not read', () => {
  it.each([
    ['projectcalico.org/v3', 'GlobalNetworkPolicy', 'globalnetworkpolicies', false],
    ['cilium.io/v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies', true],
    ['policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicies', false],
    ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', 'clusternetworkpolicies', false],
    ['network.openshift.io/v1', 'EgressNetworkPolicy', 'egressnetworkpolicies', true],
    ['k8s.cni.cncf.io/v1beta1', 'MultiNetworkPolicy', 'multi-networkpolicies', true],
  ])('hold %s %s, whatever the version', (apiVersion, kind, plural, namespaced) => {
    expect(otherPolicyApi(apiVersion, kind)).toMatchObject({ plural, namespaced });
    expect(otherPolicyApi(apiVersion.replace(/v.*/, 'v99'), kind)).toMatchObject({ plural });
  });

  it.each([
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'StagedNetworkPolicy'],
    ['cilium.io/v2', 'ciliumnetworkpolicy'],
    ['v1', 'Pod'],
    ['', ''],
    ['__proto__', 'constructor'],
  ])('do not hold %j %j', (apiVersion, kind) => {
    expect(otherPolicyApi(apiVersion, kind)).toBeUndefined();
  });

  it('are each there once', () => {
    const names = OTHER_POLICY_APIS.flatMap(({ group, kind, plural }) => [`${group} ${kind}`, `${plural}.${group}`]);
    expect(new Set(names).size).toBe(names.length);
  });
});
