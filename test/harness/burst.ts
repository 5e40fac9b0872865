import type { Answer } from './api-client.ts';
import type { Connected } from './connected.ts';
import { byNamespace, type Creation, watchCreations } from './creations.ts';
import { patiently } from './patient.ts';

/** How many clients ask at a time, each for one namespace and its pods. */
const CLIENTS = 16;

/** Birth is one namespace of a burst: when its parts were stored. */
export interface Birth {
  readonly namespace: Creation;
  /** By name. */
  readonly policies: readonly Creation[];
  readonly pods: readonly Creation[];
}

/** Burst is what became of many namespaces that were made together with their pods. */
export interface Burst {
  readonly births: readonly Birth[];
  /** The answers to the pods that were not stored. */
  readonly refused: readonly Answer[];
}

/** ACCOUNT is for pods that cannot wait for the ServiceAccount that Kubernetes makes in a new namespace. */
export const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } };

/** podObject is a pod that nobody runs. */
export function podObject(name: string, serviceAccountName = ACCOUNT.metadata.name): object {
  const containers = [{ name: 'web', image: 'registry.example/web:1' }];
  const spec = { containers, serviceAccountName };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec };
}

/**
 * bear makes namespaces, each together with its pods: they are asked for as soon as the API server has answered for the
 * namespace and for a ServiceAccount of their own, since the default one is some hundred milliseconds late, and by clients
 * that do what client-go does when they are told to come again.
 */
export async function bear(cluster: Connected, prefix: string, count: number, podsEach: number): Promise<Burst> {
  const [namespaces, policies, pods] = await Promise.all(
    ['/api/v1/namespaces', '/apis/networking.k8s.io/v1/networkpolicies', '/api/v1/pods'].map((path) =>
      watchCreations(cluster.api, path),
    ),
  );
  if (namespaces === undefined || policies === undefined || pods === undefined) throw new Error('three watches');
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const answers: Answer[] = [];
  const waiting = [...names];
  const client = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const made = await cluster.api.request('POST', '/api/v1/namespaces', { metadata: { name } });
      if (made.status !== 201) throw new Error(`${name}: ${JSON.stringify(made.body)}`);
      const path = `/api/v1/namespaces/${name}`;
      await cluster.api.request('POST', `${path}/serviceaccounts`, ACCOUNT);
      const ask = (index: number) =>
        patiently(() => cluster.api.request('POST', `${path}/pods`, podObject(`web-${index}`)));
      answers.push(...(await Promise.all(Array.from({ length: podsEach }, (_, index) => ask(index)))));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const refused = answers.filter(({ status }) => status !== 201);
  await pods.until(count * podsEach - refused.length, 20_000);
  await policies.until(count * 2, 120_000);
  const [policiesOf, podsOf] = [byNamespace(policies.all), byNamespace(pods.all)];
  const births = namespaces.all
    .filter(({ name }) => names.includes(name))
    .map((namespace) => ({
      namespace,
      policies: policiesOf.get(namespace.name) ?? [],
      pods: podsOf.get(namespace.name) ?? [],
    }));
  return { births, refused };
}

/** precocious are the pods that were stored before both policies of their namespace. */
export function precocious({ births }: Burst): readonly Creation[] {
  return births.flatMap(({ policies, pods }) => {
    const stood = policies.length < 2 ? Number.POSITIVE_INFINITY : (policies[1]?.revision ?? Number.POSITIVE_INFINITY);
    return pods.filter(({ revision }) => revision < stood);
  });
}
