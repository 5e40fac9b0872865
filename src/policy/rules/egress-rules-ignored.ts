import { fixOf } from '../model/fix.ts';
import { defineRule } from '../situation/rule.ts';

export const egressRulesIgnored = defineRule({
  id: 'egress-rules-ignored',
  since: 'v0.1',
  title: 'Egress rules that do nothing',
  level: 'advice',
  docs: {
    why: `\`policyTypes\` sets the directions that a policy covers. If it is present but does not list Egress, the API server stores
the egress rules and every network plugin ignores them: they neither isolate nor allow.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  egress:
    - to:
        - podSelector: {matchLabels: {app: database}}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: gateway}}
`,
    references: ['https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/'],
  },
  check({ policy, change }) {
    const [first] = policy?.ignoredEgress ?? [];
    if (first === undefined) return [];
    const before = change.before?.ignoredEgress.length ?? 0;
    const count = policy?.ignoredEgress.length ?? 0;
    const does = count === 1 ? 'does nothing' : 'do nothing';
    return [
      {
        path: 'spec.egress',
        headline: 'has egress rules that do nothing',
        why: `spec.policyTypes leaves Egress out, so ${count === 1 ? 'the rule' : `the ${count} rules`} in spec.egress ${does}.`,
        short: `${count === 1 ? 'the rule' : 'the rules'} in spec.egress ${does}, since policyTypes leaves Egress out`,
        fix: fixOf('Remove spec.egress, or add Egress to spec.policyTypes, which isolates these pods', {
          kind: 'remove',
          path: 'spec.egress',
        }),
        blamed: count > before,
      },
    ];
  },
});
