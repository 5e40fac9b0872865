import { parseAllDocuments } from 'yaml';
import { isDnsService } from '../../src/cluster/discovery/dns-service.ts';
import { type EndpointSlice, readEndpointSlice, readPod } from '../../src/cluster/discovery/endpoints.ts';
import { dnsServerOf, endpointsOf } from '../../src/cluster/discovery/found-dns.ts';
import { cacheInPods, cacheOnNodes, cacheServer } from '../../src/cluster/discovery/node-local-dns.ts';
import { readService, type Service } from '../../src/cluster/discovery/service.ts';
import { type KubeObject, labelsOf, readObject } from '../../src/cluster/watch/kube-object.ts';
import { isObject, type Json } from '../../src/objects/fields.ts';
import { dnsFacts } from '../../src/policy/dns/facts.ts';
import type { DnsServer } from '../../src/policy/model/dns-server.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../src/policy/model/snapshot.ts';
import { addressesOf } from '../../src/sets/cidr.ts';

/**
 * discover adds what discovery would see of the DNS Services among the manifests, and of NodeLocal DNSCache, with the Pods and
 * EndpointSlices behind them. Without a DNS Service and a cache the snapshot stays that of files alone. `default/kubernetes`
 * with its endpoints is the API server.
 */
export function discover(manifests: string, snapshot: ClusterSnapshot, settings: Settings): ClusterSnapshot {
  const objects = parseAllDocuments(manifests).map((document): unknown => document.toJS());
  const ofKind = (kind: string) =>
    objects
      .filter(isObject)
      .filter((object) => object['kind'] === kind)
      .map(asStored);
  const services = ofKind('Service').map(readService);
  const slices = ofKind('EndpointSlice');
  const pods = ofKind('Pod').filter((pod) => settings.dns.namespaces.includes(pod.namespace));
  const dnsServices = services.filter((service) => isDnsService(service, settings.dns.namespaces));
  const caches = pods.filter((pod) => labelsOf(pod).get('k8s-app') === 'node-local-dns');
  if (dnsServices.length === 0 && caches.length === 0) return snapshot;
  const found = [
    ...dnsServices.flatMap((service) => serverOf(service, pods, slices)),
    ...cachesOf(caches, dnsServices),
  ];
  const addresses = services.flatMap(({ clusterIPs }) => clusterIPs).filter((address) => !address.includes(':'));
  return {
    ...snapshot,
    dns: dnsFacts(settings, found, { get: (name) => snapshot.namespace(name), values: () => [] }),
    services: {
      ranges: addressesOf(...addresses.map((address) => address.replace(/\.\d+\.\d+$/, '.0.0/16'))),
      apiServerEndpoints: slices.filter(({ name }) => name === 'kubernetes').flatMap((slice) => socketsOf(slice)),
    },
  };
}

function serverOf(service: Service, pods: readonly KubeObject[], slices: readonly KubeObject[]): readonly DnsServer[] {
  const isSelected = (pod: KubeObject) =>
    service.selector.size > 0 &&
    pod.namespace === service.namespace &&
    [...service.selector].every(([key, value]) => labelsOf(pod).get(key) === value);
  const endpoints = endpointsOf({
    service,
    slices: slices
      .filter((slice) => labelsOf(slice).get('kubernetes.io/service-name') === service.name)
      .map(readEndpointSlice),
    pods: pods.filter(isSelected).flatMap((pod) => readPod(pod) ?? []),
  });
  return endpoints === undefined ? [] : [dnsServerOf(service, endpoints)];
}

function cachesOf(objects: readonly KubeObject[], services: readonly Service[]): readonly DnsServer[] {
  const pods = objects.flatMap((pod) => readPod(pod) ?? []);
  const serviceIPs = services.flatMap(({ clusterIPs }) => clusterIPs);
  return [cacheOnNodes(pods, serviceIPs), cacheInPods(pods)].flatMap((endpoints) =>
    endpoints === undefined ? [] : [cacheServer('kube-system', endpoints)],
  );
}

function socketsOf(slice: KubeObject): readonly string[] {
  const { addresses, ports }: EndpointSlice = readEndpointSlice(slice);
  return addresses.flatMap((address) => ports.map(({ port }) => `${address}:${port}`));
}

/** As the API server would give it. */
function asStored(object: Json): KubeObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return readObject({ ...object, metadata: { ...metadata, resourceVersion: '1' } });
}
