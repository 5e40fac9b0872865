import { asList, asObject, field, type Json } from '../../objects/fields.ts';
import { OTHER_POLICY_APIS } from '../../policy/dialects/other-policy-apis.ts';
import { MalformedAnswer } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import type { Resource } from '../api/resource.ts';

/** ServedKind is a kind of another policy API that this cluster serves. */
export interface ServedKind extends Resource {
  /** Its objects reach every namespace. */
  readonly clusterScoped: boolean;
}

/** The aggregated discovery document: every group in one answer; stable since Kubernetes 1.30. */
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** readServedKinds asks which of OTHER_POLICY_APIS the API server serves, each in the version that it prefers. */
export async function readServedKinds(client: Client, signal: AbortSignal): Promise<readonly ServedKind[]> {
  const document = await client.document('/apis', { signal, accept: AGGREGATED });
  if (field(document, 'kind') !== 'APIGroupDiscoveryList') {
    throw new MalformedAnswer('get /apis: is not an aggregated discovery document; is the API server older than 1.30?');
  }
  const groups = new Map(objects(document, 'items').map((group) => [nameOf(group), group]));
  return OTHER_POLICY_APIS.flatMap(({ group, plural }) => {
    for (const version of objects(groups.get(group) ?? {}, 'versions')) {
      const resource = objects(version, 'resources').find((served) => field(served, 'resource') === plural);
      if (resource === undefined) continue;
      const clusterScoped = field(resource, 'scope') === 'Cluster';
      return { group, version: String(field(version, 'version')), plural, clusterScoped };
    }
    return [];
  });
}

function objects(parent: Json, key: string): readonly Json[] {
  return asList(field(parent, key), key).map((item) => asObject(item, key));
}

function nameOf(object: Json): unknown {
  return field(asObject(field(object, 'metadata'), 'metadata'), 'name');
}
