import type { DnsPods, DnsPorts, DnsServer } from '../../policy/model/dns-server.ts';
import { NAMESPACE_NAME } from '../../policy/model/labels.ts';
import { AddressSet } from '../../sets/address-set.ts';
import { parseAddress } from '../../sets/cidr.ts';
import { LabelSelector, type Labels } from '../../sets/label-selector.ts';
import type { DnsEndpoints } from './dns-endpoints.ts';
import { dnsPorts } from './dns-service.ts';
import type { EndpointSlice, NamedPort, Pod } from './endpoints.ts';
import type { Service, ServicePort } from './service.ts';

/** FoundDns is a DNS Service with what is behind it. */
export interface FoundDns {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
}

/**
 * endpointsOf describes what is behind a DNS Service, ready or not; undefined if there is neither pod nor endpoint. A
 * Service without a selector, or whose pods are all on their node's network, is known by addresses.
 */
export function endpointsOf(found: FoundDns): DnsEndpoints | undefined {
  const { service, slices, pods } = found;
  const addresses = known([...slices.flatMap((slice) => slice.addresses), ...addressesOf(pods)]);
  if (pods.length === 0 && addresses.length === 0) return undefined;
  return {
    selector: Object.fromEntries(service.selector),
    byAddress: service.selector.size === 0 || (pods.length > 0 && pods.every((pod) => pod.hostNetwork)),
    ports: portsOf(found),
    addresses,
    podLabels: distinctLabels(pods),
  };
}

/** dnsServerOf describes the servers behind a DNS Service as policies see them. */
export function dnsServerOf(
  { namespace, name, clusterIPs }: Pick<Service, 'namespace' | 'name' | 'clusterIPs'>,
  endpoints: DnsEndpoints,
): DnsServer {
  const { selector, byAddress, ports, podLabels } = endpoints;
  const ips = known([...clusterIPs, ...endpoints.addresses]);
  const addresses = AddressSet.unionAll(ips.map((ip) => parseAddress(ip) ?? AddressSet.empty));
  const common = { name: `${namespace}/${name}`, addresses, ports };
  const pods = podsOf(namespace, selector);
  if (byAddress) {
    const onNodes = pods.pods.isEverything ? undefined : pods;
    return { ...common, kind: 'addresses', blocks: ips.map(blockOf), onNodes, trusted: false };
  }
  return {
    ...common,
    ...pods,
    kind: 'pods',
    hosts: [...new Set([...known(clusterIPs), ...ips])],
    livePods: podLabels.length === 0 ? undefined : podLabels.map((labels) => new Map(Object.entries(labels))),
  };
}

/** podsOf names the pods of a namespace that carry these labels. */
export function podsOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Pick<DnsPods, 'namespaces' | 'namespace' | 'pods'> {
  return {
    namespaces: LabelSelector.of(new Map([[NAMESPACE_NAME, namespace]])),
    namespace,
    pods: LabelSelector.of(new Map(Object.entries(labels))),
  };
}

/** addressesOf returns the addresses of pods. */
export function addressesOf(pods: readonly Pod[]): readonly string[] {
  return pods.flatMap((pod) => pod.addresses);
}

/** distinctLabels returns each set of labels once that pods on the pods' network carry. */
export function distinctLabels(pods: readonly Pod[]): DnsEndpoints['podLabels'] {
  const sets = pods.filter((pod) => !pod.hostNetwork).map(({ labels }) => [keyOf(labels), labels] as const);
  return [...new Map(sets)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => Object.fromEntries(labels));
}

/** blockOf writes one address as a CIDR. */
export function blockOf(ip: string): string {
  return `${ip}/${ip.includes(':') ? 128 : 32}`;
}

function known(ips: readonly string[]): readonly string[] {
  return [...new Set(ips)].filter((ip) => parseAddress(ip) !== undefined).sort();
}

function keyOf(labels: Labels): string {
  return LabelSelector.of(labels).key;
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
  for (const name of portNames(found.pods, protocol, numbers)) names.add(name);
  return { numbers, names: [...names].sort() };
}

/** portNames returns the pods' names for these ports. */
export function portNames(pods: readonly Pod[], protocol: string, numbers: readonly number[]): readonly string[] {
  const isMeant = (port: NamedPort) => port.name !== '' && port.protocol === protocol && numbers.includes(port.port);
  return [...new Set(pods.flatMap((pod) => pod.ports.filter(isMeant)).map(({ name }) => name))].sort();
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
