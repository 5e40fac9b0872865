/** Resource names a collection of the API: `networkpolicies` of `networking.k8s.io/v1`, cluster-wide or in a namespace. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** undefined for all namespaces, and for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
}

/** NAMESPACES is the collection of all Namespaces. */
export const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces' };
/** SERVICES is the collection of all Services. */
export const SERVICES: Resource = { group: '', version: 'v1', plural: 'services' };
/** PODS is the collection of all Pods. */
export const PODS: Resource = { group: '', version: 'v1', plural: 'pods' };
/** NETWORK_POLICIES is the collection of all NetworkPolicies. */
export const NETWORK_POLICIES: Resource = { group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies' };
/** ENDPOINT_SLICES is the collection of all EndpointSlices. */
export const ENDPOINT_SLICES: Resource = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' };
/** LEASES is the collection of all Leases. */
export const LEASES: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };
/** EVENTS is the collection of all Events. */
export const EVENTS: Resource = { group: '', version: 'v1', plural: 'events' };
/** CONFIG_MAPS is the collection of all ConfigMaps. */
export const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps' };
/** SECRETS is the collection of all Secrets. */
export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets' };
/** VALIDATING_WEBHOOKS is the collection of all ValidatingWebhookConfigurations. */
export const VALIDATING_WEBHOOKS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
};
/** DEPLOYMENTS is the collection of all Deployments. */
export const DEPLOYMENTS: Resource = { group: 'apps', version: 'v1', plural: 'deployments' };
/** MUTATING_WEBHOOKS is the collection of all MutatingWebhookConfigurations. */
export const MUTATING_WEBHOOKS: Resource = { ...VALIDATING_WEBHOOKS, plural: 'mutatingwebhookconfigurations' };

/** URLs treat these as path navigation, however they are spelled. */
const STEPS: readonly string[] = ['', '.', '..'];

/**
 * resourcePath returns the URL path of the collection, or of one object in it. Throws if a name would lead elsewhere.
 */
export function resourcePath({ group, version, plural, namespace }: Resource, name?: string): string {
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== undefined) parts.push('namespaces', namespace);
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  const step = parts.find((part) => STEPS.includes(part));
  if (step !== undefined) throw new Error(`"${step}" names nothing in ${plural}`);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** groupResource is its name in kubectl and metrics: `networkpolicies.networking.k8s.io`, `pods`. */
export function groupResource({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}
