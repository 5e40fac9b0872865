import { webhookConfigurations } from '../../src/admission/webhook-configurations.ts';
import { OTHER_POLICY_APIS } from '../../src/policy/other-policy-apis.ts';

/** PolicyRule is one rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const allow = (group: string, resources: readonly string[], ...verbs: string[]): PolicyRule => ({
  apiGroups: [group],
  resources,
  verbs,
});

const otherKinds = (): readonly PolicyRule[] =>
  [...new Set(OTHER_POLICY_APIS.map(({ group }) => group))].map((group) => {
    const plurals = OTHER_POLICY_APIS.filter((kind) => kind.group === group).map(({ plural }) => plural);
    return allow(group, plurals, 'list', 'watch');
  });

/** clusterRights are what netpol-guard may do anywhere. With `patch` on namespaces it can relabel every one of them. */
export function clusterRights(): readonly PolicyRule[] {
  return [
    allow('', ['namespaces'], 'get', 'list', 'watch', 'patch'),
    allow('networking.k8s.io', ['networkpolicies'], 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete'),
    allow('', ['services'], 'list', 'watch'),
    allow('', ['events'], 'create', 'patch'),
    ...otherKinds(),
    ...webhookRights(),
  ];
}

/** Its own configurations, to keep their `caBundle` current. Whoever installs it makes and removes them. */
function webhookRights(): readonly PolicyRule[] {
  const configurations = webhookConfigurations({ namespace: '', serviceAccount: '' }, { url: 'https://localhost' });
  return (['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const).map((kind) => ({
    ...allow('admissionregistration.k8s.io', [`${kind.toLowerCase()}s`], 'get', 'watch', 'patch'),
    resourceNames: configurations.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name),
  }));
}

/** discoveryRights are for the namespaces of the DNS servers, and for `default`, where the API server's endpoints are. */
export function discoveryRights(): readonly PolicyRule[] {
  return [allow('', ['pods'], 'list', 'watch'), allow('discovery.k8s.io', ['endpointslices'], 'list', 'watch')];
}

/**
 * ownRights are for the objects called `name` in its own namespace: they are there, empty, before it starts. Its Deployment
 * says whether an older version still runs.
 */
export function ownRights(name: string): readonly PolicyRule[] {
  const verbs = ['get', 'watch', 'update', 'patch'];
  const resourceNames = [name];
  return [
    { ...allow('', ['configmaps'], ...verbs), resourceNames },
    { ...allow('', ['secrets'], ...verbs), resourceNames },
    { ...allow('coordination.k8s.io', ['leases'], ...verbs), resourceNames },
    { ...allow('apps', ['deployments'], 'get'), resourceNames },
  ];
}
