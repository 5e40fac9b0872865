import { until } from '../../harness/until.ts';
import { type Cluster, IMAGES } from '../cluster.ts';
import type { Manifest } from '../product/manifest.ts';

/** MARKER_NAMESPACE holds the marker and its policies, and no policy of a case. */
export const MARKER_NAMESPACE = 'elsewhere';

const MARKER = { name: 'marker', namespace: MARKER_NAMESPACE };
const POLICIES = `/apis/networking.k8s.io/v1/namespaces/${MARKER_NAMESPACE}/networkpolicies`;

/** markerPod is what `createEnforcement` needs: a pod that nobody asks anything, with a label that is free to change. */
export const markerPod: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: MARKER,
  spec: {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: IMAGES.pause, imagePullPolicy: 'IfNotPresent' }],
  },
};

/**
 * createEnforcement returns a function that returns once all policies, pods and labels of namespaces that were written
 * before its call are in the kernel, and what was removed is gone from it. kube-router follows each of the three by a
 * watch, and a watch tells of changes in their order. So the marker's namespace and pod get a new label, and a policy is
 * made that picks the pod by the one and lets in pods of namespaces by the other. When that rule is there, and the pod's
 * chain runs through it, the three watches have told of all that came before, and one iptables-restore has put the whole
 * of it in force (kube-router's pkg/controllers/netpol: fullPolicySync, setupPodNetpolRules, processIngressRules).
 */
export function createEnforcement({ api, inNode }: Pick<Cluster, 'api' | 'inNode'>): () => Promise<void> {
  let last: string | undefined;
  const write = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
    const answer = await api.request(method, path, body, type);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  };
  return async () => {
    const name = `marker-${process.hrtime.bigint()}`;
    const labels = { metadata: { labels: { marker: name } } };
    await write('PATCH', `/api/v1/namespaces/${MARKER_NAMESPACE}`, labels);
    await write('PATCH', `/api/v1/namespaces/${MARKER_NAMESPACE}/pods/${MARKER.name}`, labels);
    if (last !== undefined) await write('DELETE', `${POLICIES}/${last}`);
    await write('POST', POLICIES, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name },
      spec: {
        podSelector: { matchLabels: { marker: name } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { marker: name } } }] }],
      },
    });
    last = name;
    const chain = `"run through nw policy ${name}"`;
    const rule = `"rule to ACCEPT traffic from source pods to dest pods selected by policy name ${name} `;
    await until(`kube-router to have applied ${name}`, async () => {
      const { stdout, stderr, status } = await inNode(['iptables-save', '-t', 'filter']);
      if (status !== 0) throw new Error(stderr);
      return stdout.includes(chain) && stdout.includes(rule) ? true : undefined;
    });
  };
}
