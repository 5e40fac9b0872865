import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClosedPorts, closePorts } from '../../../../src/policy/dns/close-ports.ts';
import type { AllowRule } from '../../../../src/policy/model/policy.ts';
import { policy } from '../fixtures.ts';

const DNS: ClosedPorts = { numbers: [53], names: new Set(['dns']) };

function ruleOf(ports: readonly object[] | undefined): AllowRule {
  const rule = ports === undefined ? {} : { ports };
  const [first] = policy('web', { podSelector: {}, policyTypes: ['Egress'], egress: [rule] }).egress;
  if (first === undefined) throw new Error('there is no rule');
  return first;
}

const closed = (ports: readonly object[] | undefined, what = DNS) => closePorts(ruleOf(ports), what);
const setTo = (value: readonly object[]) => ({ kind: 'set', path: 'spec.egress[0].ports', value });

describe('ports that a rule is to leave out', () => {
  it('part a range in two', () => {
    expect(closed([{ port: 1, endPort: 65535, protocol: 'TCP' }])).toEqual(
      setTo([
        { port: 1, endPort: 52, protocol: 'TCP' },
        { port: 54, endPort: 65535, protocol: 'TCP' },
      ]),
    );
    expect(closed([{ port: 53, endPort: 54 }])).toEqual(setTo([{ port: 54, protocol: 'TCP' }]));
  });

  it('go from a list, and the others stay', () => {
    const others = [
      { port: 443, protocol: 'TCP' },
      { port: 'web', protocol: 'TCP' },
    ];
    expect(closed([...others, { port: 53, protocol: 'UDP' }, { port: 'dns', protocol: 'UDP' }])).toEqual(setTo(others));
  });

  it('take the rule with them where it opens nothing else', () => {
    expect(closed([{ port: 53, protocol: 'UDP' }, { port: 53 }, { port: 'dns', protocol: 'UDP' }])).toEqual({
      kind: 'remove',
      path: 'spec.egress[0]',
    });
  });

  it('are left in SCTP, over which no resolver is asked', () => {
    const sctp = [
      { port: 53, protocol: 'SCTP' },
      { port: 'dns', protocol: 'SCTP' },
    ];
    expect(closed(sctp)).toEqual(setTo(sctp));
    expect(closed(undefined)).toMatchObject({ value: expect.arrayContaining([{ protocol: 'SCTP' }]) });
  });

  it('are those that somebody names: others, and no names', () => {
    const named = [{ port: 'dns', protocol: 'UDP' }];
    expect(closed([{ port: 853, protocol: 'TCP' }, ...named], { numbers: [853] })).toEqual(setTo(named));
  });

  it('are left to the author where twenty items would not be enough', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ port: 1000 + 2 * i, protocol: 'TCP' }));
    expect(closed([...many(20), { port: 53 }])).toEqual(setTo(many(20)));
    expect(closed([...many(21), { port: 53 }])).toBeUndefined();
  });

  it('are closed, and nothing else is, whatever the rule lists', () => {
    const protocol = fc.constantFrom('UDP', 'TCP', 'SCTP');
    const port = fc.integer({ min: 50, max: 60 });
    const item = fc.oneof(
      fc.record({ protocol, port: fc.oneof(port, fc.constantFrom('dns', 'web')) }),
      fc.record({ protocol, port, endPort: fc.integer({ min: 60, max: 65535 }) }),
      fc.record({ protocol }),
    );
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), fc.uniqueArray(port), (items, numbers) => {
        const rule = ruleOf(items);
        const edit = closePorts(rule, { numbers, names: new Set(['dns']) });
        const left = edit?.kind === 'set' ? ruleOf(edit.value as object[]).ports : undefined;
        for (const each of ['UDP', 'TCP', 'SCTP'] as const) {
          const isOpen = (number: number) => left?.has(each, number) === true;
          for (const number of [49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 443, 65535]) {
            const stays = rule.ports.has(each, number) && (each === 'SCTP' || !numbers.includes(number));
            expect([each, number, isOpen(number)]).toEqual([each, number, stays]);
          }
          const names = rule.ports.names[each].filter((name) => each === 'SCTP' || name !== 'dns');
          expect(left?.names[each] ?? []).toEqual(names);
        }
      }),
    );
  });
});
