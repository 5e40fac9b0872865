import type { ApiClient } from '../../harness/api-client.ts';
import { until } from '../../harness/until.ts';
import { DNS_POD, dnsPortNames, type PlainLabels } from '../../oracle/places.ts';
import { CLIENT_NAMESPACES, CLIENTS, DNS_PLACE, DNS_SERVICE, type DnsPort, NODE, type Place } from './places.ts';

/** demand writes an object and throws where the API server does not take it. */
export async function demand(api: ApiClient, ...asked: Parameters<ApiClient['request']>): Promise<void> {
  const { status, body } = await api.request(...asked);
  if (status >= 300) throw new Error(`${asked[0]} ${asked[1]}: ${JSON.stringify(body)}`);
}

/** MERGE is the media type of a JSON merge patch. */
export const MERGE = 'application/merge-patch+json';

/** createObjects writes the node, the namespaces, the pods and the Service that kube-router is to see. */
export async function createObjects(api: ApiClient, dnsPort: DnsPort): Promise<void> {
  await demand(api, 'POST', '/api/v1/nodes', { metadata: { name: NODE.name } });
  const addresses = [{ type: 'InternalIP', address: NODE.address }];
  await demand(api, 'PATCH', `/api/v1/nodes/${NODE.name}/status`, { status: { addresses } }, MERGE);
  for (const name of CLIENT_NAMESPACES) await demand(api, 'POST', '/api/v1/namespaces', { metadata: { name } });
  await createPod(api, { ...DNS_PLACE, ports: dnsPortNames(dnsPort) }, DNS_POD.labels);
  for (const client of CLIENTS) await createPod(api, client, {});
  await demand(api, 'POST', '/api/v1/namespaces/kube-system/services', {
    metadata: { name: 'kube-dns', labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      clusterIP: DNS_SERVICE,
      selector: { 'k8s-app': 'kube-dns' },
      ports: dnsPortNames(dnsPort).map((named) => ({ ...named, port: 53, targetPort: named.name })),
    },
  });
}

/** createPod writes a pod with the status that a kubelet would give it. */
export async function createPod(
  api: ApiClient,
  { namespace, name, address, ports }: Place,
  labels: PlainLabels,
): Promise<void> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const containerPorts = ports.map(({ name: portName, protocol, port }) => ({
    name: portName,
    protocol,
    containerPort: port,
  }));
  const container = { name: 'main', image: 'none', ports: containerPorts };
  const spec = { nodeName: NODE.name, containers: [container] };
  // A namespace takes pods once it has its ServiceAccount.
  await until(`namespace ${namespace} to take pods`, async () => {
    const { status } = await api.request('POST', pods, { metadata: { name, labels }, spec });
    return status === 201 ? true : undefined;
  });
  const status = { phase: 'Running', hostIP: NODE.address, podIP: address, podIPs: [{ ip: address }] };
  await demand(api, 'PATCH', `${pods}/${name}/status`, { status }, MERGE);
}
