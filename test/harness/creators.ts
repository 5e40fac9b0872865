import type { ApiClient } from './api-client.ts';
import type { Connected } from './connected.ts';
import { until } from './until.ts';

/** CREATORS is a group that makes and changes namespaces, and all policies in them, and lacks the verb `exempt`. */
export const CREATORS = 'creators';

const RIGHTS = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: creator}
rules:
  - apiGroups: [""]
    resources: [namespaces, namespaces/status, namespaces/finalize]
    verbs: [get, list, create, update, patch, delete]
  - {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: creators}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: creator}
subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: ${CREATORS}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: netpol-guard-exempt}
rules:
  - {apiGroups: [netpol-guard.io], resources: [namespaces], verbs: [exempt]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: netpol-guard-exempt-erin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: netpol-guard-exempt}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: erin}]
`;

/** Creators are two members of that group, of whom one has the verb besides. */
export interface Creators {
  readonly dana: ApiClient;
  readonly erin: ApiClient;
  /** Gives the group its rights. */
  furnish(): Promise<void>;
}

/** creatorsOf gives the creators of a cluster. */
export function creatorsOf(cluster: Connected): Creators {
  const dana = cluster.clientOf('dana', [CREATORS]);
  return {
    dana,
    erin: cluster.clientOf('erin', [CREATORS]),
    furnish: async () => {
      const { status, stderr } = await cluster.kubectl(['apply', '-f', '-'], { stdin: RIGHTS });
      if (status !== 0) throw new Error(stderr);
      await until('the rights of creators', async () =>
        (await dana.request('GET', '/api/v1/namespaces')).status === 200 ? true : undefined,
      );
    },
  };
}

/** refusedBy matches an answer by which one of netpol-guard's admission policies refuses. */
export function refusedBy(policy: string, why = ''): object {
  const said = `ValidatingAdmissionPolicy 'netpol-guard-${policy}' with binding 'netpol-guard-${policy}' denied request: `;
  return { status: 403, body: { reason: 'Forbidden', message: asText(said, why) } };
}

function asText(said: string, why: string): unknown {
  return {
    asymmetricMatch: (message: unknown) =>
      typeof message === 'string' && message.includes(said) && message.includes(why),
    toString: () => `a message with "${said}" and "${why}"`,
  };
}
