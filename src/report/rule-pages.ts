import { RULES } from '../policy/rules/index.ts';
import type { RuleDocs } from '../policy/situation/rule.ts';

/** RulePage is what docs/rules and `explain` show of one rule. */
export interface RulePage {
  readonly id: string;
  readonly title: string;
  /** A rule's level, or `lint` for what the linter finds before any rule. */
  readonly level: 'standard' | 'strict' | 'advice' | 'lint';
  /** As in Rule. */
  readonly security?: number | undefined;
  readonly docs: RuleDocs;
}

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: from-gateway
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: gateway}}
`;

const INVALID_YAML: RulePage = {
  id: 'invalid-yaml',
  title: 'A document that cannot be read',
  level: 'lint',
  docs: {
    why: `The document is not YAML or JSON as kubectl reads it: a tab in the indentation, a bracket that is never closed, an
alias without an anchor, a file that is not UTF-8 or is larger than 32 MiB, a single document longer than 4 MiB, or a list
that kubectl refuses because it contains a list or something that is not an object. Or it is not a manifest: the table that
\`kubectl get\` prints, the error message of the command before a pipe, a list at the top level, a template of a Helm chart.
The linter judges nothing in such a document, but it judges the other documents of the file. For a chart whose templates
mention NetworkPolicies there is one finding: lint what the chart renders, \`helm template CHART | netpol-guard lint -\`.

The linter silently skips other files beside manifests, such as a chart's values or a playbook. In a pipe every document must
be an object, as for \`kubectl apply -f -\`.

Some documents are errors here although kubectl accepts them, because people and other tools read something else than the
cluster gets:

- A key that is given twice in a policy, in a Namespace or in a list that contains them: kubectl silently keeps the last one.
  In objects of other kinds, the linter ignores it.
- Text that YAML 1.1 and YAML 1.2 split differently, such as \`{?kind: NetworkPolicy}\` or \`{a:, b}\`, a tag before a
  comma, a line break that only one of the two knows, or a byte order mark in the middle. Quote such text, or write a space
  where the message says.`,
    bad: POLICY.replace('  name: from-gateway\n', '  name: from-gateway\n  name: from-anywhere\n'),
    good: POLICY,
    references: [
      'https://yaml.org/spec/1.1/',
      'https://github.com/kubernetes-sigs/yaml',
      'https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/unstructured/helpers.go',
    ],
  },
};

const INVALID_OBJECT: RulePage = {
  id: 'invalid-object',
  title: 'An object that every API server refuses',
  level: 'lint',
  docs: {
    why: `The API server would refuse the object, or the strict field validation that kubectl requests would: a field that does not
exist, a value of the wrong type, a port out of range, a peer that names nothing, a misspelt kind. The linter reads files as
kubectl does, as YAML 1.1, so an unquoted \`y\`, \`on\` or \`no\` is a boolean and not a label.

When the linter judges the other policies, such a policy allows nothing and forbids nothing. It is not forgotten, though: if
DNS is lost, the finding says where the broken policy would allow it, and the fix to paste has another name. A Namespace
counts as absent if one of netpol-guard's labels on it names an unknown level or an unknown baseline template, which the
webhook would refuse.

A \`status\` is not an error: servers from 1.24 to 1.27 print one.

A CIDR with host bits, leading zeros or an IPv4-mapped address is only a warning. Kubernetes 1.37 refuses it in new objects;
older servers read it as the set of addresses that it means, and so does the linter.`,
    bad: POLICY.replace('matchLabels', 'matchlabels'),
    good: POLICY,
    references: [
      'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation',
      'https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go',
    ],
  },
};

const UNSUPPORTED_POLICY_API: RulePage = {
  id: 'unsupported-policy-api',
  title: 'A policy of an unsupported API',
  level: 'lint',
  docs: {
    why: `netpol-guard only judges networking.k8s.io/v1 so far. A policy of another API (Calico, Cilium, AdminNetworkPolicy) may allow
what a NetworkPolicy forbids, or forbid what it allows. Findings that could depend on it are marked "not certain". No
Kubernetes since 1.16 serves \`extensions/v1beta1\`, so such a policy has no influence. A \`kind: NetworkPolicy\` of any
other group belongs to another project, and has no influence either.`,
    bad: `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: from-gateway
  namespace: shop
spec:
  endpointSelector: {}
  ingress:
    - fromEndpoints:
        - matchLabels: {app: gateway}
`,
    good: POLICY,
    references: ['https://kubernetes.io/docs/reference/using-api/deprecation-guide/#networkpolicy-v116'],
  },
};

const UNRENDERED_POLICY: RulePage = {
  id: 'unrendered-policy',
  title: 'A file from which policies are made only later',
  level: 'lint',
  docs: {
    why: `Some files become policies only later. The linter lists them without judging them. Judge the resulting policies:

- Patches of a kustomization: \`kustomize build FOLDER | netpol-guard lint -\`
- An OpenShift Template with parameters in its policies: \`oc process --local -f FILE -o yaml | netpol-guard lint -\`
- Rules of Kyverno, Tenants of Capsule, Compositions of Crossplane and others that hold policies: \`netpol-guard scan\`, which
  sees the policies that they made.

The linter does judge what reaches the cluster as written: the policies of a Template that contain no parameters, and the
manifest of a Crossplane Object.`,
    bad: `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: for-teams}
parameters:
  - {name: NAMESPACE, required: true}
objects:
${POLICY.replace('namespace: shop', "namespace: '${NAMESPACE}'")
  .replaceAll(/^(?=.)/gm, '    ')
  .replace('    apiVersion', '  - apiVersion')}`,
    good: POLICY,
    references: ['https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html'],
  },
};

const DUPLICATE_OBJECT: RulePage = {
  id: 'duplicate-object',
  title: 'Two objects with the same name',
  level: 'lint',
  docs: {
    why: `The linter reads all files together as one cluster, in which a name is unique. It judges both objects, and it judges all
others with the later one, as if the files were applied in order. If the two belong to different clusters, lint them
separately.`,
    bad: `${POLICY}---\n${POLICY}`,
    good: POLICY,
    references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/names/'],
  },
};

const POLICY_TYPES_MISSING: RulePage = {
  id: 'policy-types-missing',
  title: 'Egress rules without policyTypes',
  level: 'lint',
  docs: {
    why: `If \`policyTypes\` is missing, the API server sets Ingress, and also Egress if there are egress rules. So a policy that was
written to allow DNS also denies every connection to its pods, if no other policy already does. The webhook cannot tell,
since the object reaches it with the types filled in. The linter sees the file.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    references: ['https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/v1/defaults.go'],
  },
};

/** RULE_PAGES are the pages of all rules, and of what the linter finds before any rule, by id. */
export const RULE_PAGES: readonly RulePage[] = [
  ...RULES,
  INVALID_YAML,
  INVALID_OBJECT,
  UNSUPPORTED_POLICY_API,
  UNRENDERED_POLICY,
  DUPLICATE_OBJECT,
  POLICY_TYPES_MISSING,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
