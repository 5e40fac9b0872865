import { readLabelSelector } from '../policy/dialects/network-policy/label-selector.ts';
import type { DnsPorts, DnsServer } from '../policy/model/dns-server.ts';
import { NAMESPACE_NAME } from '../policy/model/labels.ts';
import { AddressSet } from '../sets/address-set.ts';
import { addressesOf } from '../sets/cidr.ts';
import type { LabelSelector } from '../sets/label-selector.ts';
import type { DnsServerConfiguration } from './configuration.ts';

/** dnsServer compiles one item of `dns.servers`; `path` is its name in messages if it has none of its own. */
export function dnsServer(item: DnsServerConfiguration, path: string): DnsServer {
  const ports = dnsPorts(item.ports ?? [53]);
  if (item.ipBlocks !== undefined) {
    return {
      kind: 'addresses',
      name: item.ipBlocks.join(', '),
      addresses: addressesOf(...item.ipBlocks),
      blocks: item.ipBlocks,
      ports,
      trusted: true,
    };
  }
  const namespaces = readLabelSelector(item.namespaceSelector, `${path}.namespaceSelector`);
  const pods = readLabelSelector(item.podSelector, `${path}.podSelector`);
  const namespace = onlyValue(namespaces, NAMESPACE_NAME);
  return {
    kind: 'pods',
    name: namespace === undefined ? path : `${namespace}/${labelsText(pods)}`,
    namespaces,
    namespace,
    pods,
    ports,
    addresses: AddressSet.empty,
  };
}

/**
 * dnsPorts sorts ports by protocol. If an item does not name the ports of a protocol, they have the names from every
 * common DNS manifest: `dns` and `dns-tcp`.
 */
function dnsPorts(items: NonNullable<DnsServerConfiguration['ports']>): DnsPorts {
  const udp = new Set<number | string>();
  const tcp = new Set<number | string>();
  for (const item of items) {
    if (typeof item === 'number') {
      udp.add(item);
      tcp.add(item);
    } else (item.protocol === 'UDP' ? udp : tcp).add(item.port);
  }
  const [udpNames, tcpNames] = [namesIn(udp), namesIn(tcp)];
  return {
    udp: numbersIn(udp),
    tcp: numbersIn(tcp),
    udpNames: udp.size > 0 && udpNames.length === 0 ? ['dns'] : udpNames,
    tcpNames: tcp.size > 0 && tcpNames.length === 0 ? ['dns-tcp'] : tcpNames,
  };
}

function numbersIn(ports: ReadonlySet<number | string>): readonly number[] {
  return [...ports].filter((port) => typeof port === 'number');
}

function namesIn(ports: ReadonlySet<number | string>): readonly string[] {
  return [...ports].filter((port) => typeof port === 'string');
}

function onlyValue(selector: LabelSelector, key: string): string | undefined {
  const set = selector.constraints.get(key);
  if (set === undefined || set.complement || set.absent || set.values.size !== 1) return undefined;
  return set.values.values().next().value;
}

function labelsText(selector: LabelSelector): string {
  const values = [...selector.constraints.keys()].flatMap((key) => onlyValue(selector, key) ?? []);
  return values.length === 0 ? '*' : values.join(',');
}
