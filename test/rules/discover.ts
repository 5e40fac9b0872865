import { parseAllDocuments } from 'yaml';
import { field, isObject, type Json } from '../../src/objects/fields.ts';
import { readLabelSelector } from '../../src/policy/dialects/network-policy/label-selector.ts';
import { dnsFacts } from '../../src/policy/dns/facts.ts';
import type { DnsPods } from '../../src/policy/model/dns-server.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../src/policy/model/snapshot.ts';
import { addressesOf } from '../../src/sets/cidr.ts';
import { LabelSelector, type Labels } from '../../src/sets/label-selector.ts';

/**
 * discover adds what discovery would see of a DNS Service among the manifests, with the Pods behind it; without one the
 * snapshot stays that of files alone. `default/kubernetes` with its endpoints is the API server.
 */
export function discover(manifests: string, snapshot: ClusterSnapshot, settings: Settings): ClusterSnapshot {
  const objects = parseAllDocuments(manifests)
    .map((document): unknown => document.toJS())
    .filter(isObject);
  const services = objects.filter(({ kind }) => kind === 'Service');
  const servers = services.filter((service) => at(service, 'spec', 'selector') !== undefined);
  if (servers.length === 0) return snapshot;
  const pods = objects.filter(({ kind }) => kind === 'Pod');
  const slices = objects.filter(({ kind }) => kind === 'EndpointSlice');
  const discovered = servers.map((service) => dnsServer(service, pods));
  const addresses = services.flatMap((service) => textAt(service, 'spec', 'clusterIP'));
  return {
    ...snapshot,
    dns: dnsFacts(settings, discovered, { get: (name) => snapshot.namespace(name), values: () => [] }),
    services: {
      ranges: addressesOf(...addresses.map((address) => address.replace(/\.\d+\.\d+$/, '.0.0/16'))),
      apiServerEndpoints: slices.flatMap(endpointsOf),
    },
  };
}

function dnsServer(service: Json, pods: readonly Json[]): DnsPods {
  const [namespace = 'default'] = textAt(service, 'metadata', 'namespace');
  const [name = ''] = textAt(service, 'metadata', 'name');
  const selector = readLabelSelector({ matchLabels: at(service, 'spec', 'selector') }, 'spec.selector');
  const behind = pods.filter((pod) => selector.matches(labelsOf(pod)));
  const ports = listAt(service, 'spec', 'ports');
  const over = (protocol: string) => ports.filter((port) => field(port, 'protocol') === protocol);
  const numbers = (protocol: string) => over(protocol).map((port) => Number(field(port, 'targetPort')));
  const names = (protocol: string) => over(protocol).map((port) => String(field(port, 'name')));
  const hosts = [...textAt(service, 'spec', 'clusterIP'), ...behind.flatMap((pod) => textAt(pod, 'status', 'podIP'))];
  return {
    kind: 'pods',
    name: `${namespace}/${name}`,
    namespaces: LabelSelector.of(new Map([['kubernetes.io/metadata.name', namespace]])),
    namespace,
    pods: selector,
    livePods: behind.map(labelsOf),
    ports: { udp: numbers('UDP'), tcp: numbers('TCP'), udpNames: names('UDP'), tcpNames: names('TCP') },
    addresses: addressesOf(...hosts.map((host) => `${host}/32`)),
  };
}

function endpointsOf(slice: Json): readonly string[] {
  const [port] = listAt(slice, 'ports').map((item) => String(field(item, 'port')));
  const addresses = listAt(slice, 'endpoints').flatMap((endpoint) => field(endpoint, 'addresses'));
  return addresses.map((address) => `${String(address)}:${port}`);
}

function labelsOf(object: Json): Labels {
  const labels = at(object, 'metadata', 'labels');
  return new Map(Object.entries(isObject(labels) ? labels : {}).map(([key, value]) => [key, String(value)]));
}

function at(object: Json, ...keys: readonly string[]): unknown {
  let value: unknown = object;
  for (const key of keys) value = isObject(value) ? field(value, key) : undefined;
  return value;
}

function textAt(object: Json, ...keys: readonly string[]): readonly string[] {
  const value = at(object, ...keys);
  return typeof value === 'string' ? [value] : [];
}

function listAt(object: Json, ...keys: readonly string[]): readonly Json[] {
  const value = at(object, ...keys);
  return Array.isArray(value) ? value.filter(isObject) : [];
}
