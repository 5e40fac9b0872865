import { webhookConfigurations } from '../../src/admission/registration/webhook-configurations.ts';
import { DIALECTS, type Dialects } from '../../src/policy/dialects/dialects.ts';
import { OTHER_POLICY_APIS } from '../../src/policy/dialects/other-policy-apis.ts';

/** PolicyRule is one rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/**
 * Places are the scopes of a right: in the cluster, in the namespaces that discovery looks in, in its own namespace.
 */
export const PLACES = ['cluster', 'discovery', 'own'] as const;
export type Place = (typeof PLACES)[number];

/** Feature is something that netpol-guard does, and the rights that it needs. */
export interface Feature extends Readonly<Partial<Record<Place, readonly PolicyRule[]>>> {
  /** Ends the sentence "it may do so for …". */
  readonly what: string;
}

/** In the order in which people list them. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;

const allow = (group: string, resources: readonly string[], ...verbs: (typeof VERBS)[number][]): PolicyRule => ({
  apiGroups: [group],
  resources,
  verbs,
});

/**
 * rightsByFeature is the only table of netpol-guard's rights in a cluster; the chart, the documents and the tests read
 * it. `name` is the name of its own objects, which exist, empty, before it starts.
 */
export function rightsByFeature(name: string, dialects: Dialects = DIALECTS): readonly Feature[] {
  const named = (rule: PolicyRule): PolicyRule => ({ ...rule, resourceNames: [name] });
  return [
    {
      what: 'verdicts, and the reads that confirm a refusal',
      cluster: [allow('', ['namespaces'], 'get', 'list', 'watch'), ...dialectKinds(dialects)],
    },
    {
      // With `patch` on namespaces it can relabel every one of them. Policies are applied server-side, never updated.
      what: 'the baseline, its gate and repairs',
      cluster: [
        allow('', ['namespaces'], 'patch'),
        allow('networking.k8s.io', ['networkpolicies'], 'get', 'create', 'patch', 'delete'),
      ],
    },
    {
      what: 'discovering cluster DNS and the endpoints of the API server',
      cluster: [allow('', ['services'], 'list', 'watch')],
      discovery: [allow('', ['pods'], 'list', 'watch'), allow('discovery.k8s.io', ['endpointslices'], 'list', 'watch')],
    },
    { what: 'reporting what it did', cluster: [allow('', ['events'], 'create', 'patch')] },
    { what: 'detecting policies of other APIs', cluster: otherKinds() },
    {
      what: 'leader election, and state that all replicas share',
      own: [
        named(allow('', ['configmaps'], 'get', 'watch', 'patch')),
        named(allow('coordination.k8s.io', ['leases'], 'get', 'update')),
      ],
    },
    {
      what: 'keeping its certificate and its paths, only with `tls.mode: selfSigned`',
      own: [named(allow('', ['secrets'], 'get', 'watch', 'update')), named(allow('apps', ['deployments'], 'get'))],
      cluster: webhookRights(),
    },
  ];
}

/** clusterRights are what netpol-guard may do anywhere. */
export function clusterRights(): readonly PolicyRule[] {
  return rightsIn('cluster', '');
}

/** discoveryRights are for the namespaces of the DNS servers, and for `default`, where the API server's endpoints are. */
export function discoveryRights(): readonly PolicyRule[] {
  return rightsIn('discovery', '');
}

/** ownRights are for the objects called `name` in its own namespace. */
export function ownRights(name: string): readonly PolicyRule[] {
  return rightsIn('own', name);
}

/** rightsIn merges the rights of several features on the same resources into one rule. */
function rightsIn(place: Place, name: string): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rightsByFeature(name).flatMap((feature) => feature[place] ?? [])) {
    const { verbs: _, ...whom } = rule;
    const key = JSON.stringify(whom);
    const given = new Set([...(merged.get(key)?.verbs ?? []), ...rule.verbs]);
    merged.set(key, { ...rule, verbs: VERBS.filter((verb) => given.has(verb)) });
  }
  return [...merged.values()];
}

function dialectKinds(dialects: Dialects): readonly PolicyRule[] {
  return dialects.kinds.flatMap(({ served, plural }) =>
    served.map(({ group }) => allow(group, [plural], 'list', 'watch')),
  );
}

function otherKinds(): readonly PolicyRule[] {
  return [...new Set(OTHER_POLICY_APIS.map(({ group }) => group))].map((group) => {
    const plurals = OTHER_POLICY_APIS.filter((kind) => kind.group === group).map(({ plural }) => plural);
    return allow(group, plurals, 'list', 'watch');
  });
}

/** Its own configurations, to keep their `caBundle` and `path` current. The installer creates and removes them. */
function webhookRights(): readonly PolicyRule[] {
  const configurations = webhookConfigurations({ namespace: '', serviceAccount: '' }, { url: 'https://localhost' });
  return (['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const).map((kind) => ({
    ...allow('admissionregistration.k8s.io', [`${kind.toLowerCase()}s`], 'get', 'watch', 'patch'),
    resourceNames: configurations.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name),
  }));
}
