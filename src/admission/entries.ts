import { SYSTEM_NAMESPACE_NAMES, SYSTEM_NAMESPACES } from '../policy/system-namespaces.ts';

/**
 * MatchCondition is a CEL expression that must hold for the webhook to be called. None here can end in an error:
 * an empty field is left out of the request, so each is asked for with has() first.
 */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** WebhookEntry is one webhook of a configuration, but for where it is reached. */
export interface WebhookEntry {
  readonly name: string;
  readonly kind: 'validating';
  readonly path: string;
  /** Switched off by removing it: a configuration object of its own, so that no half entry is left. */
  readonly removable: boolean;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutSeconds: number;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly resources: readonly string[];
    readonly operations: readonly string[];
    readonly scope: 'Namespaced' | 'Cluster';
  }[];
  readonly namespaceSelector: {
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: string[];
    }[];
  };
  readonly matchConditions: readonly MatchCondition[];
}

/** Release is where netpol-guard runs, and as whom. */
export interface Release {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Namespaces of DNS servers besides the system namespaces that are known by name. */
  readonly dnsNamespaces?: readonly string[];
}

/** Set by the API server, equal to the name, and not to be changed. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
const PREFIX = 'netpol-guard.io/';

/** They delete what is in a namespace that goes, and hang where they are refused. */
const DELETERS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
];

const networkPolicies = (...operations: string[]): WebhookEntry['rules'] => [
  {
    apiGroups: ['networking.k8s.io'],
    apiVersions: ['v1'],
    resources: ['networkpolicies'],
    operations,
    scope: 'Namespaced',
  },
];

const namespaces = (...operations: string[]): WebhookEntry['rules'] => [
  { apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], operations, scope: 'Cluster' },
];

/** webhookEntries are all the webhooks that netpol-guard registers, for a release. The manifests follow this list. */
export function webhookEntries(release: Release): readonly WebhookEntry[] {
  const system = [...new Set([...SYSTEM_NAMESPACE_NAMES, release.namespace])].sort();
  const dnsPlane = [...new Set([...SYSTEM_NAMESPACE_NAMES, 'openshift-dns', ...(release.dnsNamespaces ?? [])])]
    .filter((name) => name !== release.namespace)
    .sort();
  const notOurselves = {
    name: 'not-ourselves',
    expression: `!(has(request.userInfo.username) && request.userInfo.username == 'system:serviceaccount:${release.namespace}:${release.serviceAccount}')`,
  };
  const outsideSystem = byName('NotIn', system);

  return [
    {
      name: 'policies.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: false,
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      rules: networkPolicies('CREATE', 'UPDATE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('request.namespace')],
    },
    {
      name: 'policies-delete.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: networkPolicies('DELETE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('request.namespace'), notADeleter],
    },
    {
      name: 'dns-plane.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: true,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: networkPolicies('CREATE', 'UPDATE'),
      namespaceSelector: byName('In', dnsPlane),
      matchConditions: [notOurselves],
    },
    {
      name: 'labels.netpol-guard.io',
      kind: 'validating',
      path: '/validate',
      removable: false,
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      rules: namespaces('CREATE', 'UPDATE'),
      namespaceSelector: outsideSystem,
      matchConditions: [notOurselves, notUnder('object.metadata.name'), ourLabelsDiffer],
    },
  ];
}

function byName(operator: 'In' | 'NotIn', values: string[]): WebhookEntry['namespaceSelector'] {
  return { matchExpressions: [{ key: NAME_LABEL, operator, values }] };
}

/** System namespaces that are globs cannot stand in a selector. */
function notUnder(field: string): MatchCondition {
  const prefixes = SYSTEM_NAMESPACES.filter((name) => name.endsWith('*')).map((glob) => glob.slice(0, -1));
  const tests = prefixes.map((prefix) => `${field}.startsWith('${prefix}')`);
  return { name: 'not-a-system-namespace', expression: `!(has(${field}) && (${tests.join(' || ')}))` };
}

const notADeleter: MatchCondition = {
  name: 'not-a-deleting-controller',
  expression: `!(has(request.userInfo.username) && request.userInfo.username in [${DELETERS.map((name) => `'${name}'`).join(', ')}])`,
};

/** One of our labels is new, has another value, or is gone. */
const ourLabelsDiffer: MatchCondition = {
  name: 'our-labels-differ',
  expression: `${differs('object', 'oldObject')} || ${differs('oldObject', 'object')}`,
};

function differs(one: string, other: string): string {
  const labels = `${one}.metadata.labels`;
  const others = `${other}.metadata.labels`;
  const same = `${other} != null && has(${others}) && k in ${others} && ${others}[k] == ${labels}[k]`;
  return `(${one} != null && has(${labels}) && ${labels}.exists(k, k.startsWith('${PREFIX}') && !(${same})))`;
}
