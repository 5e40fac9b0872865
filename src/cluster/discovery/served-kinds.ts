import { asList, asObject, field, type Json } from '../../objects/fields.ts';
import { MalformedAnswer } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import type { Resource } from '../api/resource.ts';

/** ServedKind is a kind that this cluster serves. */
export interface ServedKind extends Resource {
  /** Its objects reach every namespace. */
  readonly clusterScoped: boolean;
}

/** The aggregated discovery document: every group in one answer; stable since Kubernetes 1.30. */
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** Wanted is a kind, and the groups that may serve it: if two of them do, the first one counts. */
export interface Wanted {
  readonly plural: string;
  readonly served: readonly {
    readonly group: string;
    /** Those that are read; absent where any will do. */
    readonly versions?: readonly string[] | undefined;
  }[];
}

/** readServedKinds asks which of these kinds the API server serves, each in the version that it prefers of those wanted. */
export async function readServedKinds<W extends Wanted>(
  client: Client,
  kinds: readonly W[],
  signal: AbortSignal,
): Promise<readonly { readonly wanted: W; readonly kind: ServedKind }[]> {
  const document = await client.document('/apis', { signal, accept: AGGREGATED });
  if (field(document, 'kind') !== 'APIGroupDiscoveryList') {
    throw new MalformedAnswer('get /apis: is not an aggregated discovery document; is the API server older than 1.30?');
  }
  const groups = new Map(objects(document, 'items').map((group) => [nameOf(group), group]));
  return kinds.flatMap((wanted) => {
    const found = wanted.served.flatMap(({ group, versions }) => {
      const served = objects(groups.get(group) ?? {}, 'versions').filter(
        (one) => versions?.includes(String(field(one, 'version'))) !== false,
      );
      return served.flatMap((one) => kindIn(one, group, wanted.plural) ?? []);
    });
    return found.slice(0, 1).map((kind) => ({ wanted, kind }));
  });
}

function kindIn(served: Json, group: string, plural: string): ServedKind | undefined {
  const resource = objects(served, 'resources').find((one) => field(one, 'resource') === plural);
  if (resource === undefined) return undefined;
  const clusterScoped = field(resource, 'scope') === 'Cluster';
  return { group, version: String(field(served, 'version')), plural, clusterScoped };
}

function objects(parent: Json, key: string): readonly Json[] {
  return asList(field(parent, key), key).map((item) => asObject(item, key));
}

function nameOf(object: Json): unknown {
  return field(asObject(field(object, 'metadata'), 'metadata'), 'name');
}
