import { NAMESPACE_NAME } from '../policy/dns/presets.ts';
import type { DnsPorts, DnsServer } from '../policy/dns/server.ts';
import { AddressSet } from '../sets/address-set.ts';
import { parseAddress } from '../sets/cidr.ts';
import { LabelSelector, type Labels } from '../sets/label-selector.ts';
import { dnsPorts } from './dns-service.ts';
import type { EndpointSlice, Pod } from './endpoints.ts';
import { blockOf } from './node-local-dns.ts';
import type { Service, ServicePort } from './service.ts';

/** FoundDns is a DNS Service with what stands behind it. */
export interface FoundDns {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
}

/**
 * dnsServerOf describes the servers behind a DNS Service as policies see them. Ports are those that the pods listen on,
 * since policies apply after the Service's translation. A Service without a selector, or whose pods are all on their
 * node's network, is beyond the reach of pod selectors: it is known by its addresses.
 */
export function dnsServerOf({ service, slices, pods }: FoundDns): DnsServer {
  const ips = [
    ...new Set([...service.clusterIPs, ...slices.flatMap((slice) => slice.addresses), ...addressesOf(pods)]),
  ];
  const known = ips.filter((ip) => parseAddress(ip) !== undefined).sort();
  const common = {
    name: `${service.namespace}/${service.name}`,
    addresses: AddressSet.unionAll(known.map((ip) => parseAddress(ip) ?? AddressSet.empty)),
    ports: portsOf({ service, slices, pods }),
  };
  if (service.selector.size === 0 || (pods.length > 0 && pods.every((pod) => pod.hostNetwork))) {
    return { ...common, kind: 'addresses', blocks: known.map(blockOf), trusted: false };
  }
  const onPodNetwork = pods.filter((pod) => !pod.hostNetwork);
  return {
    ...common,
    kind: 'pods',
    namespaces: LabelSelector.of(new Map([[NAMESPACE_NAME, service.namespace]])),
    namespace: service.namespace,
    pods: LabelSelector.of(service.selector),
    ...(onPodNetwork.length === 0 ? {} : { livePods: distinct(onPodNetwork.map((pod) => pod.labels)) }),
  };
}

function addressesOf(pods: readonly Pod[]): readonly string[] {
  return pods.flatMap((pod) => pod.addresses);
}

function portsOf(found: FoundDns): DnsPorts {
  const udp = targetsOf(found, 'UDP');
  const tcp = targetsOf(found, 'TCP');
  return { udp: udp.numbers, tcp: tcp.numbers, udpNames: udp.names, tcpNames: tcp.names };
}

function targetsOf(found: FoundDns, protocol: 'UDP' | 'TCP'): { numbers: readonly number[]; names: readonly string[] } {
  const servicePorts = dnsPorts(found.service).filter((port) => port.protocol === protocol);
  const numbers = [...new Set(servicePorts.flatMap((port) => numbersOf(found, port)))].sort((a, b) => a - b);
  const names = new Set(servicePorts.flatMap(({ targetPort }) => (typeof targetPort === 'string' ? targetPort : [])));
  for (const port of found.pods.flatMap((pod) => pod.ports)) {
    if (port.name !== '' && port.protocol === protocol && numbers.includes(port.port)) names.add(port.name);
  }
  return { numbers, names: [...names].sort() };
}

/** The EndpointSlices have named ports resolved; without endpoints the Service and its pods must do. */
function numbersOf({ slices, pods }: FoundDns, { name, protocol, port, targetPort }: ServicePort): readonly number[] {
  const resolved = slices
    .filter((slice) => slice.addresses.length > 0)
    .flatMap((slice) => slice.ports.filter((found) => found.name === name && found.protocol === protocol));
  if (resolved.length > 0) return resolved.map((found) => found.port);
  if (typeof targetPort === 'number') return [targetPort];
  const named = pods
    .flatMap((pod) => pod.ports)
    .filter((found) => found.name === targetPort && found.protocol === protocol);
  return named.length > 0 ? named.map((found) => found.port) : [port];
}

function distinct(labels: readonly Labels[]): readonly Labels[] {
  const seen = new Map(labels.map((set) => [LabelSelector.of(set).key, set]));
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
}
