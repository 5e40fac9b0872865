import { PortSet, PROTOCOLS, type Protocol } from '../../sets/port-set.ts';
import type { PortEntry } from '../model.ts';
import { InvalidObject } from './invalid-object.ts';
import { asList, asObject, asString, field, show } from './shape.ts';

/** readPorts reads the `ports` of one rule; a missing or empty list means every port of every protocol. */
export function readPorts(value: unknown, path: string): { ports: PortSet; entries: readonly PortEntry[] } {
  const entries = asList(value, path).map((item, i) => readPort(item, `${path}[${i}]`));
  return { ports: entries.length === 0 ? PortSet.all : PortSet.unionAll(entries.map((entry) => entry.ports)), entries };
}

function readPort(value: unknown, path: string): PortEntry {
  const object = asObject(value, path);
  const protocol = readProtocol(field(object, 'protocol'), `${path}.protocol`);
  const port = field(object, 'port');
  const endPort = field(object, 'endPort');
  if (port === undefined) {
    if (endPort !== undefined) throw new InvalidObject(`${path}.endPort`, 'needs a port');
    return { path, ports: PortSet.ofNumbers(protocol, 1, 65535), text: `every ${protocol} port` };
  }
  if (typeof port === 'string') {
    if (endPort !== undefined) throw new InvalidObject(`${path}.endPort`, `needs a numeric port, not "${port}"`);
    return { path, ports: PortSet.ofName(protocol, port), text: `${protocol} ${port}` };
  }
  const first = asPort(port, `${path}.port`);
  const last = endPort === undefined ? first : asPort(endPort, `${path}.endPort`);
  if (last < first) throw new InvalidObject(`${path}.endPort`, `${last} is below the port ${first}`);
  return { path, ports: PortSet.ofNumbers(protocol, first, last), text: textOf(protocol, first, last) };
}

/** The API server defaults a missing protocol to TCP (pkg/apis/networking/v1/defaults.go). */
function readProtocol(value: unknown, path: string): Protocol {
  if (value === undefined) return 'TCP';
  const text = asString(value, path);
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol === undefined) throw new InvalidObject(path, `"${text}" is not TCP, UDP or SCTP`);
  return protocol;
}

function asPort(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65535) {
    throw new InvalidObject(path, `${show(value)} is not a port number from 1 to 65535`);
  }
  return value;
}

function textOf(protocol: Protocol, first: number, last: number): string {
  if (first === 1 && last === 65535) return `every ${protocol} port`;
  return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
}
