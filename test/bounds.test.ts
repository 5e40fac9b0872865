import { describe, expect, it } from 'vitest';
import { allowDns, BOTH_53, deny, judge, policy, type Spec, TO_DNS } from './policy/fixtures.ts';

/** Milliseconds, on a busy machine with two cores. Whoever may write policies may try, and one thread answers everybody. */
const BOUND_MS = 5_000;

const block = (cidr: string) => ({ ipBlock: { cidr } });
const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const address = (i: number) => `8.${(i >> 8) & 255}.${i & 255}.1/32`;

const HOSTILE: readonly (readonly [string, readonly Spec[]])[] = [
  ['1,000 empty rules', times(1_000, () => ({}))],
  ['10,000 empty rules', times(10_000, () => ({}))],
  ['2,000 rules of port 53 to anywhere', times(2_000, () => ({ to: [block('0.0.0.0/0')], ports: BOTH_53 }))],
  ['10,000 rules of one resolver', times(10_000, (i) => ({ to: [block(address(i))], ports: BOTH_53 }))],
  ['50,000 resolvers in one rule', [{ to: times(50_000, (i) => block(address(i))), ports: BOTH_53 }]],
  ['50,000 ports in one rule', [{ ports: times(50_000, (i) => ({ protocol: 'UDP', port: i + 1 })) }]],
  [
    '10,000 rules of one port each',
    times(10_000, (i) => ({ to: [block('9.0.0.0/9')], ports: [{ protocol: 'UDP', port: 2 * i + 1 }] })),
  ],
  ['20,000 ranges', [{ ports: times(20_000, (i) => ({ protocol: 'UDP', port: i + 1, endPort: i + 10_000 })) }]],
  [
    '20,000 pods by label',
    [{ to: times(20_000, (i) => ({ podSelector: { matchLabels: { app: `${i}` } } })), ports: BOTH_53 }],
  ],
  ['20,000 times every namespace', [{ to: times(20_000, () => ({ namespaceSelector: {} })), ports: BOTH_53 }]],
  ['10,000 times cluster DNS', times(10_000, () => ({ to: TO_DNS, ports: BOTH_53 }))],
];

describe('a hostile policy is judged in bounded time', () => {
  it.each(HOSTILE)(
    '%s',
    (_, egress) => {
      const spec = { podSelector: {}, policyTypes: ['Egress'], egress };
      const [before, after] = [policy('hostile', spec), policy('hostile', spec)];
      const others = [allowDns(), deny()];
      expect(elapsed(() => judge({ operation: 'CREATE', after }, { stored: others }))).toBeLessThan(BOUND_MS);
      const stored = [...others, before];
      expect(elapsed(() => judge({ operation: 'UPDATE', before, after }, { stored }))).toBeLessThan(BOUND_MS);
      expect(elapsed(() => judge({ operation: 'DELETE', before }, { stored }))).toBeLessThan(BOUND_MS);
    },
    60_000,
  );
});

describe('a change in a namespace of 3,000 policies is judged in bounded time', () => {
  const opening = policy('new', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [block('9.0.0.0/9')], ports: BOTH_53 }],
  });

  it.each<[string, (i: number) => Spec]>([
    ['a piece of the Internet each', (i) => ({ to: [block(`${1 + (i % 200)}.${i % 256}.0.0/16`)], ports: BOTH_53 })],
    ['a port each', (i) => ({ to: [block('8.8.8.8/32')], ports: [{ protocol: 'TCP', port: i + 1 }] })],
    ['everything', () => ({})],
    ['cluster DNS', () => ({ to: TO_DNS, ports: BOTH_53 })],
  ])(
    'that open %s',
    (_, rule) => {
      const apps = times(3_000, (i) =>
        policy(`app-${i}`, {
          podSelector: { matchLabels: { app: `${i}` } },
          policyTypes: ['Egress'],
          egress: [rule(i)],
        }),
      );
      const stored = [...apps, allowDns(), deny()];
      expect(elapsed(() => judge({ operation: 'CREATE', after: opening }, { stored }))).toBeLessThan(BOUND_MS);
      expect(elapsed(() => judge({ operation: 'DELETE', before: allowDns() }, { stored }))).toBeLessThan(BOUND_MS);
      expect(elapsed(() => judge({ operation: 'DELETE', before: deny() }, { stored }))).toBeLessThan(BOUND_MS);
    },
    60_000,
  );
});

/** Milliseconds that a verdict takes. */
function elapsed(verdict: () => unknown): number {
  const start = performance.now();
  verdict();
  return performance.now() - start;
}
