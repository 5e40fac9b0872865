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
alias without an anchor, a file that is not UTF-8 or larger than 32 MiB, a single document longer than 4 MiB, or a list
that kubectl refuses: one within another, or of what is no object. Or it is no manifest: the table that \`kubectl get\`
prints, the error message of the command before a pipe, a list at the top, a template of a Helm chart. Nothing in it is
judged; the other documents of the file are. Of a chart whose templates speak of NetworkPolicies one finding says so: lint
what it renders, \`helm template CHART | netpol-guard lint -\`.

Files that lie beside manifests, such as a chart's values or a playbook, are passed over in silence. In a pipe every document
has to be an object, as it has for \`kubectl apply -f -\`.

Some things are errors here although kubectl takes them, since what people and other tools read is then not what the
cluster gets. A key given twice in a policy, in a Namespace or in what leads to them: kubectl silently keeps the last one. In
objects of other kinds it is passed over. Text that YAML 1.1 cuts elsewhere than YAML 1.2, such as
\`{?kind: NetworkPolicy}\` or \`{a:, b}\`, a tag before a comma, a line break that only one of the two knows, or a
byte order mark in the middle. Quote such text, or write a space where the message says.`,
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
    why: `The object would be refused by the API server, or by the strict field validation that kubectl asks it for: a field
that does not exist, a value of the wrong type, a port out of range, a peer that names nothing, a kind that is misspelt. Files
are read as kubectl reads them, in YAML 1.1, so that an unquoted \`y\`, \`on\` or \`no\` is a boolean and no label.

Such a policy allows nothing and forbids nothing when the others are judged. It is not forgotten either: a finding of lost DNS says
where the broken one would allow DNS, and what it prints to paste has another name. A Namespace whose label of netpol-guard's
own names a level or a baseline template that there is none of, which the webhook would refuse, counts as absent.

A \`status\` is no fault: servers from 1.24 to 1.27 print one.

A CIDR with host bits, leading zeros or an IPv4-mapped address is a warning alone: Kubernetes 1.37 refuses it in new
objects, older servers take it as the set of addresses that it means, and so does the linter.`,
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
  title: 'A policy of an API that is not read',
  level: 'lint',
  docs: {
    why: `Only networking.k8s.io/v1 is judged so far. A policy of another API (Calico, Cilium, AdminNetworkPolicy) may allow
what a NetworkPolicy forbids, or forbid what it allows; findings that could depend on it are marked "not certain".
\`extensions/v1beta1\` is served by no Kubernetes since 1.16 and has no influence. A \`kind: NetworkPolicy\` of any other
group is that project's own, and has no influence either.`,
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
  title: 'A file of which policies are made only later',
  level: 'lint',
  docs: {
    why: `Some files become policies only later. They are named, and judged once something has made policies of them:

- Patches of a kustomization, in files of their own or within it: \`kustomize build FOLDER | netpol-guard lint -\`
- An OpenShift Template with parameters in its policies: \`oc process --local -f FILE -o yaml | netpol-guard lint -\`
- Rules of Kyverno, Tenants of Capsule, Compositions of Crossplane, Kustomizations of Flux and others that hold or change
  policies: \`netpol-guard scan\`, which sees what they made.

What reaches the cluster as it is written is judged: policies of a Template without parameters in them, and the manifest of a
Crossplane Object.

A NetworkPolicy with a \`podSelector\` is judged wherever it is written, even if a kustomization names its file as a patch:
\`kubectl apply -R\` would store it. Without a \`podSelector\`, a patch is only judged for what it opens. Its rules replace
those of the policy that it patches, so they open the same there. What it blocks depends on the rest of that policy.

Templates of Helm charts are named too, as \`invalid-yaml\`, where a NetworkPolicy may come of them. A document among them
that is YAML without any \`{{\` in its values is judged.`,
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
  title: 'Two objects of one name',
  level: 'lint',
  docs: {
    why: `All files together are read as one cluster, which holds one object of a name. The later one is what the others are
judged with, as if the files were applied in order; both are judged themselves. Where the two belong to different
clusters, lint them separately.`,
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
    why: `Where \`policyTypes\` is missing, the API server writes Ingress, and Egress too if there are egress rules. A policy that
was written to allow DNS so denies every connection to its pods, unless another policy does so anyway. The webhook cannot tell, since the object reaches it with
the types written in; the linter sees the file.`,
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
