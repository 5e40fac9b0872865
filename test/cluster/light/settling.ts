import type { ApiClient } from '../../harness/api-client.ts';
import { until } from '../../harness/until.ts';
import { createPod, demand, MERGE } from './objects.ts';

const NAMESPACE = 'settling';
const POD = { namespace: NAMESPACE, name: 'settling', address: '10.244.0.250', ports: [] };
const POLICIES = `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies`;

/** Settling tells when kube-router has put in force what was written. */
export interface Settling {
  /** Returns once everything written before the call is in force: policies, labels of pods and of namespaces. */
  settle(): Promise<void>;
}

/**
 * openSettling needs a namespace and a pod of its own. kube-router follows policies, pods and namespaces by a watch each,
 * and each of them tells of changes in their order; a change requests a sync, which reads all three as they then are, and
 * puts the whole in force by one iptables-restore (pkg/controllers/netpol, fullPolicySync).
 *
 * So the last change of each kind is one of ours: a label with a number on the namespace and on the pod, and a policy that
 * opens the port of that number to what carries that label. A rule of it in the kernel (there is none without such a pod)
 * says that all three watches have told of everything before. The sync that wrote it may have read other policies a moment
 * earlier, though. So another policy follows, and the sync that puts that one in force began after that moment.
 */
export async function openSettling(api: ApiClient, readFilterTable: () => Promise<string>): Promise<Settling> {
  let round = 0;
  await demand(api, 'POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await createPod(api, POD, {});
  const write = async (policy: string) => {
    const stamped = { matchLabels: { round: String(round) } };
    const ingress = [
      { from: [{ namespaceSelector: stamped, podSelector: stamped }], ports: [{ protocol: 'TCP', port: round }] },
    ];
    await demand(
      api,
      'PATCH',
      `${POLICIES}/${policy}?fieldManager=settling&force=true`,
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: policy },
        // It picks no pod, so nothing is isolated.
        spec: { podSelector: { matchLabels: { nobody: 'here' } }, policyTypes: ['Ingress'], ingress },
      },
      'application/apply-patch+yaml',
    );
    const rule = new RegExp(`by policy name ${policy} namespace ${NAMESPACE}.* --dport ${round} `);
    await until(`kube-router to have put ${policy} ${round} in force`, async () =>
      rule.test(await readFilterTable()) ? true : undefined,
    );
  };
  return {
    settle: async () => {
      round += 1;
      const patch = { metadata: { labels: { round: String(round) } } };
      await Promise.all([
        demand(api, 'PATCH', `/api/v1/namespaces/${NAMESPACE}`, patch, MERGE),
        demand(api, 'PATCH', `/api/v1/namespaces/${NAMESPACE}/pods/${POD.name}`, patch, MERGE),
      ]);
      await write('seen');
      await write('in-force');
    },
  };
}
