import type { Policy } from '../../src/policy/model/policy.ts';
import { BOTH_53, policy, type Spec, TO_DNS } from '../unit/policy/fixtures.ts';

/** Rules of one policy, of a size to choose. Whoever may write policies may try, and one thread answers everybody. */
export type Family = readonly [name: string, rules: (size: number) => readonly Spec[]];

const block = (cidr: string) => ({ ipBlock: { cidr } });
const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const address = (i: number) => `8.${(i >> 8) & 255}.${i & 255}.1/32`;

export const HOSTILE_RULES: readonly Family[] = [
  ['empty rules', (size) => times(size, () => ({}))],
  ['rules of port 53 to anywhere', (size) => times(size, () => ({ to: [block('0.0.0.0/0')], ports: BOTH_53 }))],
  ['rules of one resolver', (size) => times(size, (i) => ({ to: [block(address(i))], ports: BOTH_53 }))],
  ['resolvers in one rule', (size) => [{ to: times(size, (i) => block(address(i))), ports: BOTH_53 }]],
  ['ports in one rule', (size) => [{ ports: times(size, (i) => ({ protocol: 'UDP', port: i + 1 })) }]],
  [
    'rules of one port each',
    (size) => times(size, (i) => ({ to: [block('9.0.0.0/9')], ports: [{ protocol: 'UDP', port: 2 * i + 1 }] })),
  ],
  [
    'rules of a name each, and of the one that DNS pods give their port',
    (size) => times(size, (i) => ({ ports: [{ port: 'dns-tcp' }, { port: `n${i}` }] })),
  ],
  ['ranges', (size) => [{ ports: times(size, (i) => ({ protocol: 'UDP', port: i + 1, endPort: i + 10_000 })) }]],
  [
    'pods by label',
    (size) => [{ to: times(size, (i) => ({ podSelector: { matchLabels: { app: `${i}` } } })), ports: BOTH_53 }],
  ],
  ['times every namespace', (size) => [{ to: times(size, () => ({ namespaceSelector: {} })), ports: BOTH_53 }]],
  ['times cluster DNS', (size) => times(size, () => ({ to: TO_DNS, ports: BOTH_53 }))],
];

/** hostilePolicy is a policy of namespace shop for every pod, with these rules. */
export function hostilePolicy(egress: readonly Spec[]): Policy {
  return policy('hostile', { podSelector: {}, policyTypes: ['Egress'], egress });
}

/** A namespace of as many policies as one likes, each for an app of its own, and what each of them opens. */
export const CROWDS: readonly (readonly [name: string, rule: (i: number) => Spec])[] = [
  ['a piece of the Internet', (i) => ({ to: [block(`${1 + (i % 200)}.${i % 256}.0.0/16`)], ports: BOTH_53 })],
  ['a port', (i) => ({ to: [block('8.8.8.8/32')], ports: [{ protocol: 'TCP', port: i + 1 }] })],
  ['everything', () => ({})],
  ['cluster DNS', () => ({ to: TO_DNS, ports: BOTH_53 })],
];

/** crowd makes the policies of a crowd. */
export function crowd(size: number, rule: (i: number) => Spec): readonly Policy[] {
  return times(size, (i) =>
    policy(`app-${i}`, {
      podSelector: { matchLabels: { app: `${i}` } },
      policyTypes: ['Egress'],
      egress: [rule(i)],
    }),
  );
}

/** OPENING opens port 53 to half of 9.0.0.0/8, for every pod of shop. */
export const OPENING: Policy = policy('new', {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: [block('9.0.0.0/9')], ports: BOTH_53 }],
});
