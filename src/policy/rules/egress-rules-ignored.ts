import { defineRule } from '../situation/rule.ts';

export const egressRulesIgnored = defineRule({
  id: 'egress-rules-ignored',
  since: 'v0.1',
  title: 'Egress rules that do nothing',
  level: 'advice',
  docs: {
    why: `\`policyTypes\` says what a policy is about. Where it is given and leaves Egress out, the API server keeps the egress rules
and every network plugin ignores them: they neither isolate nor allow.`,
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
    return [
      {
        path: 'spec.egress',
        message: `has ${count} ${count === 1 ? 'rule that does' : 'rules that do'} nothing, since policyTypes leaves Egress out`,
        fix: { description: 'add Egress to policyTypes, or remove the rules', yaml: 'policyTypes: [Ingress, Egress]' },
        blamed: count > before,
      },
    ];
  },
});
