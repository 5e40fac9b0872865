import { asList, asObject, asString, asStringMap, field } from '../../objects/fields.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import type { DnsPorts } from '../../policy/model/dns-server.ts';
import { parseAddress } from '../../sets/cidr.ts';

/** DnsEndpoints is what is behind a DNS Service or a cache: everything by which policies can select it. Plain JSON. */
export interface DnsEndpoints {
  /** Labels by which the pods are selected; empty for a Service without a selector. */
  readonly selector: Readonly<Record<string, string>>;
  /** On the network of their nodes, or no pods at all: no pod selector reaches them. */
  readonly byAddress: boolean;
  /** Those that the pods listen on, since policies apply after the Service's translation. */
  readonly ports: DnsPorts;
  /** Of the endpoints and the pods, without the Service's own. Sorted. */
  readonly addresses: readonly string[];
  /** The labels of the pods on the pods' network, each set once. */
  readonly podLabels: readonly Readonly<Record<string, string>>[];
}

/** readDnsEndpoints reads what was written as JSON. Throws InvalidObject if that is something else. */
export function readDnsEndpoints(value: unknown, path: string): DnsEndpoints {
  const object = asObject(value, path);
  const ports = asObject(field(object, 'ports'), `${path}.ports`);
  const texts = (of: typeof object, key: string, where: string) =>
    asList(field(of, key), `${where}.${key}`).map((item, i) => asString(item, `${where}.${key}[${i}]`));
  const numbers = (key: string) =>
    asList(field(ports, key), `${path}.ports.${key}`).filter((port): port is number => Number.isInteger(port));
  const selector = asStringMap(field(object, 'selector'), `${path}.selector`);
  const byAddress = field(object, 'byAddress') === true;
  // It would select every pod of the namespace.
  if (selector.size === 0 && !byAddress) throw new InvalidObject(`${path}.selector`, 'is empty');
  return {
    selector: Object.fromEntries(selector),
    byAddress,
    ports: {
      udp: numbers('udp'),
      tcp: numbers('tcp'),
      udpNames: texts(ports, 'udpNames', `${path}.ports`),
      tcpNames: texts(ports, 'tcpNames', `${path}.ports`),
    },
    addresses: texts(object, 'addresses', path).filter((ip) => parseAddress(ip) !== undefined),
    podLabels: asList(field(object, 'podLabels'), `${path}.podLabels`).map((labels, i) =>
      Object.fromEntries(asStringMap(labels, `${path}.podLabels[${i}]`)),
    ),
  };
}
