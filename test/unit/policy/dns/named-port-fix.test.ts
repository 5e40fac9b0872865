import { describe, expect, it } from 'vitest';
import { namedPortFix } from '../../../../src/policy/dns/named-port-fix.ts';
import { DnsReach } from '../../../../src/policy/dns/reach.ts';
import type { AllowRule } from '../../../../src/policy/model/policy.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { policy } from '../fixtures.ts';

const WORLD = { name: 'test', servers: [] };
const FACTS = {
  worlds: [WORLD],
  namespaces: new Map(),
  blockAddresses: AddressSet.empty,
  discovered: true,
  isKnown: true,
};
const REACH = new DnsReach(WORLD, FACTS, [53]);
const VOCABULARY = { numbers: new Set([53]), names: new Set(['dns']) };

function fixOf(rule: object) {
  const web = policy('web', { podSelector: {}, policyTypes: ['Egress'], egress: [rule] });
  const { steps, isCertain = false } = namedPortFix(web.egress[0] as AllowRule, web, REACH, VOCABULARY);
  expect(isCertain).toBe(false);
  return { text: steps.map((step) => step.text).join('. '), edits: steps.flatMap((step) => step.edits) };
}

const EVERY_POD = [{ namespaceSelector: {} }];
const removed = (...paths: readonly string[]) => paths.map((path) => ({ kind: 'remove', path }));
const portPaths = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `spec.egress[0].ports[${from + i}]`);

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ protocol: i % 2 === 0 ? 'UDP' : 'SCTP', port: `web-${i}` }));
const NUMBER = { protocol: 'TCP', port: 443 };

describe('the fix for a port by name', () => {
  it('adds every pod to a rule without destination, and leaves the number to people', () => {
    const { text, edits } = fixOf({ ports: named(2) });
    expect(text).toBe('Name pods in spec.egress[0]; the number instead of the name would open the Internet');
    expect(edits).toEqual([{ kind: 'set', path: 'spec.egress[0].to', value: EVERY_POD }]);
  });

  it('takes the names out of a rule for other ports, whatever their protocols', () => {
    const { text, edits } = fixOf({ ports: [NUMBER, ...named(3)] });
    expect(text).toContain('Remove spec.egress[0].ports[1], spec.egress[0].ports[2] and spec.egress[0].ports[3];');
    expect(text).toContain('Add this rule to spec.egress, which opens the named ports only on pods');
    expect(edits).toEqual([
      ...removed(...portPaths(1, 4)),
      { kind: 'add', path: 'spec.egress', items: [{ to: EVERY_POD, ports: named(3) }] },
    ]);
  });

  it('does not write out what nobody would read', () => {
    expect(fixOf({ ports: [NUMBER, ...named(20)] }).edits.at(-1)).toMatchObject({ items: [{ ports: named(20) }] });
    expect(fixOf({ ports: [NUMBER, ...named(21)] }).edits).toEqual([]);
  });

  it('leaves the pods of a rule as they are, since every pod would be more', () => {
    const own = { podSelector: { matchLabels: { app: 'db' } } };
    const to = [own, { ipBlock: { cidr: '0.0.0.0/0' } }];
    expect(fixOf({ to, ports: named(1) }).edits).toEqual(removed('spec.egress[0].to[1]'));
    expect(fixOf({ to, ports: [NUMBER, ...named(1)] }).edits).toEqual([
      ...removed('spec.egress[0].ports[1]'),
      { kind: 'add', path: 'spec.egress', items: [{ to: [own], ports: named(1) }] },
    ]);
  });

  it('takes the names away where only addresses are named, which have none for their ports', () => {
    const to = [{ ipBlock: { cidr: '0.0.0.0/0' } }];
    expect(fixOf({ to, ports: named(2) }).edits).toEqual(removed('spec.egress[0]'));
    expect(fixOf({ to, ports: [NUMBER, ...named(2)] }).edits).toEqual(removed(...portPaths(1, 3)));
    expect(fixOf({ to, ports: [NUMBER, ...named(1)] }).text).toContain(
      'Remove spec.egress[0].ports[1]: only pods have',
    );
  });

  it('leaves nothing of what a rule opens by number that would be refused, so that no fix undoes another', () => {
    const dns = { protocol: 'UDP', port: 53 };
    const tls = { protocol: 'TCP', port: 853 };
    const web = { protocol: 'TCP', port: 'web' };
    const toPods = { to: EVERY_POD, ports: [{ port: 'web', protocol: 'TCP' }] };
    for (const ports of [
      [dns, web],
      [tls, web],
      [web, dns, tls],
    ]) {
      const { text, edits } = fixOf({ ports });
      expect(text).toBe('Replace spec.egress[0] with this rule, which opens only the names, and only on pods');
      expect(edits).toEqual([{ kind: 'set', path: 'spec.egress[0]', value: toPods }]);
    }
    const { text, edits } = fixOf({ ports: [dns, NUMBER, web, tls] });
    expect(text).toContain('Leave the DNS ports, port 853 and the named ports out of spec.egress[0]');
    expect(edits).toEqual([
      { kind: 'set', path: 'spec.egress[0].ports', value: [{ port: 443, protocol: 'TCP' }] },
      { kind: 'add', path: 'spec.egress', items: [toPods] },
    ]);
  });
});
