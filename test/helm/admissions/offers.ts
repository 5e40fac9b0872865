import type { Answer, ApiClient } from '../../harness/api-client.ts';
import { egressPolicy, policyPath } from '../../harness/policies.ts';

/** Offered says of how many tries of each how many were let through, and how many refused for want of an answer. */
export interface Offered {
  readonly admitted: number;
  readonly failed: number;
  readonly other: readonly string[];
}

const DRY = '?dryRun=All';
/** For pods that there are none of: DNS servers are not concerned. */
const policy = egressPolicy('offered', [{ to: [{ podSelector: {} }] }], { matchLabels: { app: 'offered' } });
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'offered' } };
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'offered' },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
};

/** OFFERS are what writers of a cluster do, by dry run: all entries of netpol-guard are concerned, or are left out. */
const OFFERS = {
  policy: (api) => api.request('POST', policyPath('admissions', DRY), policy),
  deletion: (api) => api.request('DELETE', policyPath('admissions', `/allow-dns${DRY}`)),
  systemPolicy: (api) => api.request('POST', policyPath('kube-system', DRY), policy),
  namespace: (api) => api.request('POST', `/api/v1/namespaces${DRY}`, namespace),
  pod: (api) => api.request('POST', `/api/v1/namespaces/default/pods${DRY}`, pod),
} as const satisfies Readonly<Record<string, (api: ApiClient) => Promise<Answer>>>;

/** OfferName names one of them. */
export type OfferName = keyof typeof OFFERS;

/** offerEach makes each offer so many times. */
export async function offerEach(api: ApiClient, times: number): Promise<Readonly<Record<OfferName, Offered>>> {
  const offer = async (name: OfferName): Promise<Offered> => {
    const answers: Answer[] = [];
    for (let time = 0; time < times; time += 1) answers.push(await OFFERS[name](api));
    const refused = answers.filter(({ status }) => status >= 300).map(({ body }) => JSON.stringify(body));
    const failed = refused.filter((text) => text.includes('failed calling webhook'));
    const other = refused.filter((text) => !failed.includes(text));
    return { admitted: times - refused.length, failed: failed.length, other };
  };
  const names = Object.keys(OFFERS) as readonly OfferName[];
  const all = await Promise.all(names.map(async (name) => [name, await offer(name)] as const));
  return Object.fromEntries(all) as Record<OfferName, Offered>;
}
