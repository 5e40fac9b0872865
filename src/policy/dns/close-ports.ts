import { IntervalSet } from '../../sets/interval-set.ts';
import { type PortSet, PROTOCOLS, type Protocol } from '../../sets/port-set.ts';
import { listOf } from '../model/describe.ts';
import type { Edit, Step } from '../model/fix.ts';
import type { AllowRule } from '../model/policy.ts';
import { DNS_PROTOCOLS } from './reach.ts';
import { ENCRYPTED_DNS_PORT } from './vocabulary.ts';

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

/** leaveOut is the step that closes ports of a rule; `parts` says which in words. A rule that opens nothing else is removed. */
export function leaveOut(rule: AllowRule, closed: ClosedPorts, parts: readonly string[]): Step {
  const edit = closePorts(rule, closed);
  const text = edit?.kind === 'remove' ? `Remove ${rule.path}` : `Leave ${listOf(parts)} out of ${rule.path}`;
  return { text, edits: edit === undefined ? [] : [edit] };
}

/** partsOf says in words which of these ports a rule opens: `the DNS ports`, `port 853`. */
export function partsOf({ ports }: AllowRule, { numbers, names }: ClosedPorts): readonly string[] {
  const opens = (port: number) => DNS_PROTOCOLS.some((protocol) => ports.has(protocol, port));
  const opensName = DNS_PROTOCOLS.some((protocol) => ports.names[protocol].some((name) => names?.has(name)));
  const open = [...numbers].filter(opens);
  const isDns = opensName || open.some((port) => port !== ENCRYPTED_DNS_PORT);
  return [
    ...(isDns ? ['the DNS ports'] : []),
    ...(open.includes(ENCRYPTED_DNS_PORT) ? [`port ${ENCRYPTED_DNS_PORT}`] : []),
  ];
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
