import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { namedPortFix } from '../../../../src/policy/dns/named-port-fix.ts';
import type { AllowRule } from '../../../../src/policy/model/policy.ts';
import { policy } from '../fixtures.ts';

const WORLD = { name: 'test', servers: [] };
const VOCABULARY = { numbers: new Set([53]), names: new Set(['dns']) };

function fixOf(rule: object) {
  const { egress } = policy('web', { podSelector: {}, policyTypes: ['Egress'], egress: [rule] });
  const { description, yaml = '{}' } = namedPortFix(egress[0] as AllowRule, WORLD, VOCABULARY);
  return { description, pasted: parse(yaml) as unknown };
}

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ protocol: i % 2 === 0 ? 'UDP' : 'SCTP', port: `web-${i}` }));
const NUMBER = { protocol: 'TCP', port: 443 };

describe('the fix for a port by name', () => {
  it('adds every pod to a rule without destination, and leaves the number to people', () => {
    const { description, pasted } = fixOf({ ports: named(2) });
    expect(description).toBe(
      'add a `to` that names pods; the number in place of the name would open the Internet, so only you can decide on that',
    );
    expect(pasted).toEqual({ to: [{ namespaceSelector: {} }] });
  });

  it('takes the names out of a rule for other ports, whatever their protocols', () => {
    const { description, pasted } = fixOf({ ports: [NUMBER, ...named(3)] });
    expect(description).toContain('move the ports by name into a rule of their own, to pods;');
    expect(pasted).toEqual({ egress: [{ to: [{ namespaceSelector: {} }], ports: named(3) }] });
  });

  it('does not write out what nobody would read', () => {
    expect(fixOf({ ports: [NUMBER, ...named(20)] }).pasted).toMatchObject({ egress: [{ ports: named(20) }] });
    expect(fixOf({ ports: [NUMBER, ...named(21)] }).pasted).toEqual({});
  });

  it('leaves the pods of a rule as they are, since every pod would be more', () => {
    const to = [{ podSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0' } }];
    expect(fixOf({ to, ports: named(1) }).pasted).toEqual({});
    expect(fixOf({ to, ports: [NUMBER, ...named(1)] }).pasted).toEqual({});
  });
});
