import type { Manifest } from '../product/manifest.ts';

/** LARGE is a name whose addresses do not fit in a datagram of 512 bytes, as that of any Service of many pods. */
export const LARGE = { name: 'large', namespace: 'elsewhere', addresses: 60 };

/** K3S_ADDRESS is one of K3s's Service range; here too it leads to the API server's endpoint. */
export const K3S_ADDRESS = '10.43.0.1';

const K3S = { name: 'kubernetes-as-on-k3s', namespace: 'elsewhere' };

/** targetObjects are what some targets need. `apiServer` is the address of the API server's endpoint. */
export function targetObjects(apiServer: string): readonly Manifest[] {
  const { name, namespace, addresses } = LARGE;
  const large = { clusterIP: 'None', ports: [{ port: 80 }] };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: large },
    slice(
      { name, namespace },
      Array.from({ length: addresses }, (_, i) => `10.244.77.${i + 1}`),
      80,
    ),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'k3s' },
      spec: { cidrs: ['10.43.0.0/16'] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: K3S,
      spec: { clusterIP: K3S_ADDRESS, ports: [{ port: 443, targetPort: 6443 }] },
    },
    slice(K3S, [apiServer], 6443),
  ];
}

function slice(service: { name: string; namespace: string }, addresses: readonly string[], port: number): Manifest {
  const labels = { 'kubernetes.io/service-name': service.name };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...service, labels },
    addressType: 'IPv4',
    ports: [{ port, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}
