import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNetworkPolicy } from '../../../../../src/policy/dialects/network-policy/network-policy.ts';
import type { AllowRule, Peer, Policy } from '../../../../../src/policy/model/policy.ts';
import { PortSet, PROTOCOLS } from '../../../../../src/sets/port-set.ts';

const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'), { maxKeys: 2 });
const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom('app', 'tier'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key: fc.constantFrom('app', 'tier'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selector = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 2 }) },
  { requiredKeys: [] },
);
const cidr = fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '8.8.8.8/32', '::/0');
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  fc.record({ namespaceSelector: selector, podSelector: selector }, { requiredKeys: ['namespaceSelector'] }),
  fc.record({ ipBlock: fc.record({ cidr, except: fc.array(cidr, { maxLength: 2 }) }, { requiredKeys: ['cidr'] }) }),
);
const port = fc.oneof(
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP'), port: fc.constantFrom<number | string>(53, 443, 'dns') }),
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP', 'SCTP') }, { requiredKeys: [] }),
  fc.constant({ port: 50, endPort: 60 }),
);
const rule = fc.record(
  { to: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 3 }) },
  { requiredKeys: [] },
);
type Rule = { readonly to?: readonly unknown[]; readonly ports?: readonly unknown[] };

const read = (egress: readonly Rule[], podSelector: object = {}): Policy =>
  readNetworkPolicy({ metadata: { name: 'p' }, spec: { podSelector, policyTypes: ['Egress'], egress } }, 'shop');

/** spoken writes what a rule says, without places. */
function spoken({ peers, ports }: Pick<AllowRule, 'peers' | 'ports'>): string {
  const who = peers === 'any' ? 'any' : [...new Set(peers.map(said))].sort().join(' or ');
  const numbers = PROTOCOLS.map(
    (protocol) => `${ports.numbers[protocol].bounds.join()}/${ports.names[protocol].join()}`,
  );
  return `${who} on ${numbers.join(' ')}`;
}

function said(peer: Peer): string {
  if (peer.kind === 'addresses') return `${peer.addresses.v4.bounds.join()} ${peer.addresses.v6.bounds.join()}`;
  return `${peer.namespaces === 'own' ? 'own' : peer.namespaces.key} ${peer.pods.key}`;
}

/** readAlone reads each item by itself, so that nothing can be merged, and puts the rule together by sets. */
function readAlone({ to = [], ports = [] }: Rule): string {
  const peers = to
    .map((item) => read([{ to: [item] }]).egress[0]?.peers)
    .flatMap((of) => (of === 'any' ? [] : (of ?? [])));
  const union = PortSet.unionAll(ports.map((item) => read([{ ports: [item] }]).egress[0]?.ports ?? PortSet.empty));
  return spoken({ peers: to.length === 0 ? 'any' : peers, ports: ports.length === 0 ? PortSet.all : union });
}

/** Each item comes up to three times, in any order. */
const repeated = <T>(items: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> =>
  items.chain((drawn) => fc.shuffledSubarray([...drawn, ...drawn, ...drawn], { minLength: drawn.length }));

const repeatedRules = repeated(
  fc.array(
    rule.chain((drawn) =>
      fc.record({
        ...(drawn.to && { to: repeated(fc.constant(drawn.to)) }),
        ...(drawn.ports && { ports: repeated(fc.constant(drawn.ports)) }),
      }),
    ),
    { maxLength: 3 },
  ),
);

test('what is read of merged rules is what each item says by itself', () => {
  fc.assert(
    fc.property(repeatedRules, (rules) => {
      const wanted = new Set(rules.map(readAlone));
      expect(new Set(read(rules).egress.map(spoken))).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

test('saying everything again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), selector, (rules, podSelector) => {
      const doubled = rules.map(({ to, ports }) => ({
        ...(to && { to: [...to, ...to] }),
        ...(ports && { ports: [...ports, ...ports] }),
      }));
      expect(read([...doubled, ...doubled], podSelector)).toEqual(read(rules, podSelector));
    }),
    { numRuns: 500 },
  );
});

test('no two ports that are kept of a rule are the same', () => {
  fc.assert(
    fc.property(repeatedRules, (rules) => {
      for (const { entries } of read(rules).egress) {
        const texts = entries.map(({ text, ports }) => `${text} ${Object.values(ports.names).join()}`);
        expect(new Set(texts).size).toBe(texts.length);
      }
    }),
  );
});

test('the places are those of the first of equal items', () => {
  const dns = { protocol: 'UDP', port: 53 };
  const { egress } = read([
    { to: [{ podSelector: {} }, { podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8' } }], ports: [dns, dns, {}] },
    {},
    { ports: [{}, dns], to: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { podSelector: {} }] },
    {},
    { ports: [dns] },
  ]);
  expect(egress.map(({ path }) => path)).toEqual(['spec.egress[0]', 'spec.egress[1]', 'spec.egress[4]']);
  const [first] = egress;
  const peers = first?.peers === 'any' ? [] : (first?.peers ?? []);
  expect(peers.map(({ path }) => path)).toEqual(['spec.egress[0].to[0]', 'spec.egress[0].to[2]']);
  expect(first?.entries.map(({ path }) => path)).toEqual(['spec.egress[0].ports[0]', 'spec.egress[0].ports[2]']);
});

test('a port by the name 53 is not port number 53', () => {
  const [first] = read([{ ports: [{ port: 53 }, { port: '53' }] }]).egress;
  expect(first?.entries).toHaveLength(2);
});

test('what is wrong with an item that comes again is still said, with its place', () => {
  expect(() => read([{ ports: [{}, {}, { port: 0 }] }])).toThrow('spec.egress[0].ports[2].port: 0 is not a port');
  expect(() => read([{}, {}, { to: [{}] }])).toThrow('spec.egress[2].to[0]: names no peer');
});

test('rules with the same ports share them', () => {
  const ports = [{ port: 53 }, { port: 443 }];
  const { egress } = read([{ to: [{ podSelector: {} }], ports }, { ports: [...ports].reverse() }]);
  expect(egress[0]?.ports).toBe(egress[1]?.ports);
});

test('a long list reads the same, whether what is equal in it is the very same object or not', () => {
  const long = (items: readonly unknown[]) => Array.from({ length: 100 }, (_, i) => items[i % items.length]);
  const apart = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const filled = { minLength: 1, maxLength: 4 };
  fc.assert(
    fc.property(fc.array(rule, filled), fc.array(peer, filled), fc.array(port, filled), (rules, peers, ports) => {
      const egress = long([...rules, { to: long(peers), ports: long(ports) }]) as readonly Rule[];
      expect(read(egress)).toEqual(read(apart(egress)));
    }),
  );
});
