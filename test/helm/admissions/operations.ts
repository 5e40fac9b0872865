import type { Answer, ApiClient } from '../../harness/api-client.ts';
import { allowDns, defaultDeny, egressPolicy, openDns, policyPath } from '../../harness/policies.ts';

/** Reading is what the answer to an operation says. */
export type Reading =
  /** Let through, as it should be. */
  | 'admitted'
  /** Refused, warned of or labelled by netpol-guard, as it should be. */
  | 'judged'
  /** Let through without that. */
  | 'not judged'
  /** The API server could not ask, and refused. */
  | 'failed call'
  /** No answer of the API server's. */
  | 'no API server'
  | 'unexpected';

/** Operation is one request. `own` is a name that no client under way beside it uses. */
export interface Operation {
  readonly name: string;
  ask(api: ApiClient, own: string): Promise<Answer>;
  read(answer: Answer): Reading;
}

/** NAMESPACE is where the policies are written; it has no baseline. */
export const NAMESPACE = 'admissions';

/** STANDING are the policies that stand in it all the time. */
export const STANDING: readonly object[] = [allowDns, defaultDeny];

const DRY = '?dryRun=All';
const NAMESPACES = '/api/v1/namespaces';
const MERGE = 'application/merge-patch+json';
/** One that has nothing to do with DNS, so that what stands stays all that there is of it. */
const web = (name: string) =>
  egressPolicy(name, [{ to: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: 443 }] }]);
const admitted = (answer: Answer): Reading => (answer.status < 300 ? 'admitted' : 'unexpected');
const named = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** POLICIES are asked in turn, again and again. All entries of netpol-guard that writers of policies meet are called. */
export const POLICIES: readonly Operation[] = [
  {
    name: 'policy that opens DNS, by dry run',
    ask: (api, own) => api.request('POST', policyPath(NAMESPACE, DRY), { ...openDns, metadata: { name: own } }),
    read: refusedBy('policies'),
  },
  {
    name: 'policy, by dry run',
    ask: (api, own) => api.request('POST', policyPath(NAMESPACE, DRY), web(own)),
    read: admitted,
  },
  {
    name: 'policy, created',
    ask: (api, own) => api.request('POST', policyPath(NAMESPACE), web(own)),
    read: admitted,
  },
  {
    name: 'policy, changed',
    ask: (api, own) => {
      const change = { metadata: { annotations: { changed: new Date().toISOString() } } };
      return api.request('PATCH', policyPath(NAMESPACE, `/${own}`), change, MERGE);
    },
    read: admitted,
  },
  {
    name: 'policy, deleted',
    ask: (api, own) => api.request('DELETE', policyPath(NAMESPACE, `/${own}`)),
    read: admitted,
  },
  {
    name: 'DNS, taken away by dry run',
    ask: (api) => api.request('DELETE', policyPath(NAMESPACE, `/allow-dns${DRY}`)),
    read: ({ status, warnings }) => {
      if (status !== 200) return 'unexpected';
      return warnings.some((text) => text.includes('dns-blocked')) ? 'judged' : 'not judged';
    },
  },
  {
    name: 'namespace, by dry run',
    ask: (api, own) => api.request('POST', `${NAMESPACES}${DRY}`, named(own)),
    read: ({ status, body }) => {
      if (status !== 201) return 'unexpected';
      return JSON.stringify(body).includes('"netpol-guard.io/baseline":') ? 'judged' : 'not judged';
    },
  },
  {
    name: 'namespace with a misspelt label, by dry run',
    ask: (api, own) => {
      const labels = { 'netpol-guard.io/enforce': 'stirct' };
      return api.request('POST', `${NAMESPACES}${DRY}`, { ...named(own), metadata: { name: own, labels } });
    },
    read: refusedBy('labels'),
  },
];

/** BIRTH is a namespace that comes, gets its baseline and goes. It is asked for less often, since much follows. */
export const BIRTH: readonly Operation[] = [
  {
    name: 'namespace, created',
    ask: (api, own) => api.request('POST', NAMESPACES, named(own)),
    read: admitted,
  },
  {
    name: 'namespace, labelled',
    ask: (api, own) => api.request('PATCH', `${NAMESPACES}/${own}`, { metadata: { labels: { team: 'a' } } }, MERGE),
    read: admitted,
  },
  {
    name: 'namespace, deleted',
    ask: (api, own) => api.request('DELETE', `${NAMESPACES}/${own}`),
    read: admitted,
  },
];

/** refusedBy reads a refusal: by the webhook, or by the API server itself, which is asked first where policies of it say the same. */
export function refusedBy(entry: string): Operation['read'] {
  return ({ status, body }) => {
    if (status < 300) return 'not judged';
    const said = JSON.stringify(body);
    const isOurs =
      said.includes(`${entry}.netpol-guard.io\\" denied the request`) ||
      said.includes("ValidatingAdmissionPolicy 'netpol-guard-");
    // Put off: a replica that lost its rights in an upgrade cannot confirm a refusal, and the client asks again.
    if (status === 429 && isOurs) return 'not judged';
    return (status === 403 || status === 422) && isOurs ? 'judged' : 'unexpected';
  };
}
