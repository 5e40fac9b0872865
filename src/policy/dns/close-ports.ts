import { IntervalSet } from '../../sets/interval-set.ts';
import { type PortSet, PROTOCOLS, type Protocol } from '../../sets/port-set.ts';
import type { Edit } from '../model/fix.ts';
import type { AllowRule } from '../model/policy.ts';
import { DNS_PROTOCOLS } from './reach.ts';

/** Longer lists are left to the author. */
const MAX_ITEMS = 20;

/** ClosedPorts are the UDP and TCP ports that a rule must not open. */
export interface ClosedPorts {
  readonly numbers: Iterable<number>;
  readonly names?: ReadonlySet<string> | undefined;
}

/**
 * closePorts removes ports from a rule, and removes the rule if it opens nothing else; undefined if too many items
 * would remain.
 */
export function closePorts({ path, ports }: AllowRule, closed: ClosedPorts): Edit | undefined {
  const value = PROTOCOLS.flatMap((protocol) => itemsOf(ports, protocol, closed));
  if (value.length > MAX_ITEMS) return undefined;
  return value.length === 0 ? { kind: 'remove', path } : { kind: 'set', path: `${path}.ports`, value };
}

function itemsOf(ports: PortSet, protocol: Protocol, { numbers, names }: ClosedPorts): readonly object[] {
  const isClosing = DNS_PROTOCOLS.some((candidate) => candidate === protocol);
  if (!isClosing && ports.hasAll(protocol)) return [{ protocol }];
  const closed = isClosing ? [...numbers].map((port) => IntervalSet.of(port, port + 1)) : [];
  const left = ports.numbers[protocol].subtract(IntervalSet.unionAll(closed));
  const ranges = [...left.intervals()].map(([port, end]) =>
    end === port + 1 ? { port, protocol } : { port, endPort: end - 1, protocol },
  );
  const named = ports.names[protocol].filter((name) => !isClosing || names?.has(name) !== true);
  return [...ranges, ...named.map((port) => ({ port, protocol }))];
}
