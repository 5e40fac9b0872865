import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortSet, PROTOCOLS } from '../../../src/sets/port-set.ts';
import { portParts, SAMPLE_PORT_NAMES, SAMPLE_PORTS } from './arbitraries.ts';

const names = [...SAMPLE_PORT_NAMES, 'unmentioned'];

function membership(set: PortSet) {
  return PROTOCOLS.map((protocol) => ({
    protocol,
    numbers: SAMPLE_PORTS.filter((port) => set.has(protocol, port)),
    names: names.filter((name) => set.hasName(protocol, name)),
    all: set.hasAll(protocol),
  }));
}

describe('PortSet', () => {
  it('has a port where one of its parts has it, and a name where a part has it or all ports are there', () => {
    fc.assert(
      fc.property(portParts, (parts) => {
        const union = PortSet.unionAll(parts);
        for (const protocol of PROTOCOLS) {
          for (const port of SAMPLE_PORTS) {
            expect(union.has(protocol, port)).toBe(parts.some((part) => part.has(protocol, port)));
          }
          for (const name of names) {
            const named = parts.some((part) => part.names[protocol].includes(name));
            expect(union.hasName(protocol, name)).toBe(named || union.hasAll(protocol));
          }
        }
        expect(union.isEmpty).toBe(parts.every((part) => part.isEmpty));
      }),
    );
  });

  it('is canonical: the order and grouping of its parts do not show', () => {
    fc.assert(
      fc.property(portParts, portParts, (a, b) => {
        const [left, right] = [PortSet.unionAll(a), PortSet.unionAll(b)];
        expect(left.union(right)).toEqual(right.union(left));
        expect(PortSet.unionAll([...b, ...a])).toEqual(left.union(right));
        expect(left.union(left)).toEqual(left);
      }),
    );
  });

  it('is a subset exactly where each number and each name is in the other', () => {
    fc.assert(
      fc.property(portParts, portParts, (a, b) => {
        const [left, right] = [PortSet.unionAll(a), PortSet.unionAll(b)];
        const expected = membership(left).every(({ protocol, numbers, names: named, all }) => {
          const inNumbers = numbers.every((port) => right.has(protocol, port)) && (!all || right.hasAll(protocol));
          return inNumbers && named.every((name) => right.hasName(protocol, name));
        });
        expect(left.isSubset(right)).toBe(expected && rangesWithin(left, right));
        expect(left.isSubset(left.union(right))).toBe(true);
      }),
    );
  });

  it('takes ports 1 to 65535 for all of a protocol, and one port fewer not', () => {
    expect(PortSet.ofNumbers('UDP', 1, 65535).hasAll('UDP')).toBe(true);
    expect(PortSet.ofNumbers('UDP', 1, 65534).hasAll('UDP')).toBe(false);
    expect(
      PortSet.ofNumbers('UDP', 2, 65535)
        .union(PortSet.ofNumbers('UDP', 1, 1))
        .hasAll('UDP'),
    ).toBe(true);
    expect(PortSet.ofNumbers('UDP', 1, 65535).hasAll('TCP')).toBe(false);
  });
});

/** rangesWithin asks every port number there is, since sampled ones could hide a hole between them. */
function rangesWithin(a: PortSet, b: PortSet): boolean {
  return PROTOCOLS.every((protocol) =>
    [...a.numbers[protocol].intervals()].every(([first, end]) => {
      for (const edge of [first, end - 1, ...b.numbers[protocol].bounds]) {
        if (edge >= first && edge < end && !b.has(protocol, edge)) return false;
      }
      return true;
    }),
  );
}
