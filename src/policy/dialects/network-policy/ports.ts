import type { Faults } from '../../../objects/faults.ts';
import { asList, asObject, asString, field, firstOfEach, onlyFields } from '../../../objects/fields.ts';
import { portNameProblem } from '../../../objects/names.ts';
import { show } from '../../../objects/problem.ts';
import { PortSet, PROTOCOLS, type Protocol } from '../../../sets/port-set.ts';
import type { AllowRule, PortEntry } from '../../model/policy.ts';
import type { ItemCount } from '../../model/size.ts';

/** RulePorts are the ports of one rule; `key` is equal for rules that list the same ports in any order. */
export interface RulePorts extends Pick<AllowRule, 'ports' | 'entries'> {
  readonly key: string;
}

/** An item of `ports`, independent of its rule. */
interface Said {
  /** Unique among the different items of the policy. */
  readonly id: number;
  readonly ports: PortSet;
  readonly text: string;
}

/**
 * PortReader reads the `ports` of one policy's rules. Equal items of a rule are one, at the place of the first;
 * whatever keeps the rule counts them.
 */
export class PortReader {
  private readonly count: ItemCount;
  private readonly faults: Faults;
  private readonly said = new Map<number | string, Said>();
  private readonly unions = new Map<string, PortSet>();

  constructor(count: ItemCount, faults: Faults) {
    this.count = count;
    this.faults = faults;
  }

  /** read reads a rule's `ports`; a missing or empty list means every port of every protocol. */
  read(value: unknown, path: string): RulePorts {
    const entries = new Map<number, PortEntry>();
    for (const [i, item] of firstOfEach(asList(value, path, this.faults))) {
      const place = `${path}[${i}]`;
      const { id, ports, text } = this.say(readPort(item, place, this.faults));
      if (entries.has(id)) continue;
      entries.set(id, { path: place, ports, text });
      this.count.demandRoom('ports', entries.size);
    }
    const key = [...entries.keys()].sort((a, b) => a - b).join();
    return { key, ports: this.union(key, [...entries.values()]), entries: [...entries.values()] };
  }

  private say(port: Port): Said {
    const key = keyOf(port);
    const known = this.said.get(key);
    if (known !== undefined) return known;
    const said = { id: this.said.size, ports: setOf(port), text: textOf(port) };
    this.said.set(key, said);
    return said;
  }

  private union(key: string, entries: readonly PortEntry[]): PortSet {
    const known = this.unions.get(key);
    if (known !== undefined) return known;
    const union = entries.length === 0 ? PortSet.all : PortSet.unionAll(entries.map(({ ports }) => ports));
    this.unions.set(key, union);
    return union;
  }
}

/** Port is one item of `ports`: the numbers first..last, both included, or a name. */
type Port =
  | { readonly protocol: Protocol; readonly name: string }
  | { readonly protocol: Protocol; readonly name?: never; readonly first: number; readonly last: number };

const ALL_OF_TCP: Port = { protocol: 'TCP', first: 1, last: 65535 };

function readPort(value: unknown, path: string, faults: Faults): Port {
  const object = asObject(value, path, faults);
  onlyFields(object, path, ['protocol', 'port', 'endPort'], faults);
  const protocol = readProtocol(field(object, 'protocol'), path, faults);
  const port = field(object, 'port');
  const endPort = field(object, 'endPort');
  if (port === undefined) {
    if (endPort !== undefined) faults.unreadable(`${path}.endPort`, `${show(endPort)} needs a port`);
    return { ...ALL_OF_TCP, protocol };
  }
  if (typeof port === 'string') {
    if (endPort !== undefined) {
      faults.unreadable(`${path}.endPort`, `${show(endPort)} goes with a port number, not with ${show(port)}`);
    }
    if (faults.wantsAll) checkName(port, `${path}.port`, faults);
    return { protocol, name: port };
  }
  if (typeof port !== 'number') {
    faults.unreadable(`${path}.port`, `${show(port)} is neither a port number nor the name of one`);
    return { ...ALL_OF_TCP, protocol };
  }
  const first = asPort(port, `${path}.port`, faults);
  const last = endPort === undefined ? first : asPort(endPort, `${path}.endPort`, faults);
  if (last < first) faults.unreadable(`${path}.endPort`, `${last} is below the port ${first}`);
  return { protocol, first, last: Math.max(first, last) };
}

/** The API server defaults a missing protocol to TCP (pkg/apis/networking/v1/defaults.go). */
function readProtocol(value: unknown, path: string, faults: Faults): Protocol {
  if (value === undefined) return 'TCP';
  const text = asString(value, `${path}.protocol`, faults);
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol !== undefined) return protocol;
  if (typeof value === 'string') {
    faults.unreadable(`${path}.protocol`, `${show(text)} is not TCP, UDP or SCTP, in capitals`);
  }
  return 'TCP';
}

function checkName(name: string, path: string, faults: Faults): void {
  const message = portNameProblem(name);
  if (message !== undefined) faults.refused({ path, message });
}

const LAST_PORT = 65535;

/** After a fault it returns the last port, below which no endPort can be. */
function asPort(value: unknown, path: string, faults: Faults): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LAST_PORT) return value;
  faults.unreadable(path, `${show(value)} is not a port number from 1 to 65535`);
  return LAST_PORT;
}

/** A number for numbers, since it is made for each of a hundred thousand items: protocol, first and last in 34 bits. */
function keyOf(port: Port): number | string {
  if (port.name !== undefined) return `${port.protocol} ${port.name}`;
  return (PROTOCOLS.indexOf(port.protocol) * 65536 + port.first) * 65536 + port.last;
}

function setOf(port: Port): PortSet {
  if (port.name !== undefined) return PortSet.ofName(port.protocol, port.name);
  return PortSet.ofNumbers(port.protocol, port.first, port.last);
}

function textOf(port: Port): string {
  if (port.name !== undefined) return `${port.protocol} ${port.name}`;
  const { protocol, first, last } = port;
  if (first === 1 && last === 65535) return `every ${protocol} port`;
  return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
}
