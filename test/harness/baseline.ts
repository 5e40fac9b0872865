import { ALLOW_DNS_SPEC } from '../unit/policy/fixtures.ts';
import { BREAKGLASS, type Connected } from './connected.ts';
import { policyPath } from './policies.ts';
import { until } from './until.ts';

/** WITH_BASELINE is the configuration that the program has by itself: tests are without it unless they say so. */
export const WITH_BASELINE = { baseline: { template: 'default-deny' }, gate: { enabled: true } };

/** EXEMPT is the configuration that exempts BREAKGLASS. */
export const EXEMPT = { exemptions: { users: [BREAKGLASS.user] } };

/** The names of the policies of the template default-deny. */
export const ALLOW_DNS = 'netpol-guard-allow-dns';
export const DEFAULT_DENY = 'netpol-guard-default-deny';

/** DEFAULT_POLICIES are the policies of the template default-deny, in a cluster whose DNS is kube-dns. */
export const DEFAULT_POLICIES: Readonly<Record<string, object>> = {
  [ALLOW_DNS]: ALLOW_DNS_SPEC,
  [DEFAULT_DENY]: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

/** StoredPolicy is a NetworkPolicy as the API server has it. */
export interface StoredPolicy {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/** storedPolicies lists the policies of a namespace. */
export async function storedPolicies({ api }: Pick<Connected, 'api'>, namespace: string): Promise<StoredPolicy[]> {
  return (await api.get<{ items: StoredPolicy[] }>(policyPath(namespace))).items;
}

/** specsIn is what is stored in a namespace: specs by name. */
export async function specsIn(cluster: Pick<Connected, 'api'>, namespace: string): Promise<Record<string, object>> {
  const policies = await storedPolicies(cluster, namespace);
  return Object.fromEntries(policies.map(({ metadata, spec }) => [metadata.name, spec]));
}

/** labelsOf reads the labels of a namespace. */
export async function labelsOf({ api }: Pick<Connected, 'api'>, namespace: string): Promise<Record<string, string>> {
  const { metadata } = await api.get<{ metadata: { labels: Record<string, string> } }>(
    `/api/v1/namespaces/${namespace}`,
  );
  return metadata.labels;
}

/** untilSpecs waits until exactly these policies stand in a namespace, and it holds no pod back any more. */
export async function untilSpecs(
  cluster: Pick<Connected, 'api'>,
  namespace: string,
  specs: Readonly<Record<string, object>> = DEFAULT_POLICIES,
  timeoutMs?: number,
): Promise<void> {
  const wanted = spelled(specs);
  await until(
    `the policies of ${namespace}`,
    async () => {
      const isPending = 'netpol-guard.io/baseline-status' in (await labelsOf(cluster, namespace));
      return !isPending && spelled(await specsIn(cluster, namespace)) === wanted ? true : undefined;
    },
    timeoutMs,
  );
}

function spelled(specs: Readonly<Record<string, object>>): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort()
        .map(([key, item]) => [key, sorted(item)]),
    );
  };
  return JSON.stringify(sorted(specs));
}
