import fc from 'fast-check';
import { BOTH_53, type Spec } from '../fixtures.ts';

const KEYS = ['app', 'tier', 'zone'] as const;
const VALUES = ['a', 'b', 'c'] as const;

/** LABELS are all pods that the generated selectors tell apart. */
export const PODS: readonly ReadonlyMap<string, string>[] = KEYS.reduce<readonly ReadonlyMap<string, string>[]>(
  (pods, key) => pods.flatMap((pod) => [pod, ...[...VALUES, 'other'].map((value) => new Map([...pod, [key, value]]))]),
  [new Map()],
);

const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

export const podSelector: fc.Arbitrary<Spec> = fc.oneof(
  fc.constant({}),
  fc.record({ matchExpressions: fc.array(requirement, { minLength: 1, maxLength: 3 }) }),
);

/** Public blocks from a /32 to half of a /8; what of them is special-purpose counts for nothing. */
const block = fc
  .tuple(fc.integer({ min: 11, max: 99 }), fc.constantFrom(9, 10, 11, 12, 13, 16, 24, 32), fc.nat())
  .map(([first, length, n]) => {
    const start = first * 2 ** 24 + (n % 2 ** (length - 8)) * 2 ** (32 - length);
    return {
      ipBlock: { cidr: `${[24, 16, 8, 0].map((by) => Math.floor(start / 2 ** by) % 256).join('.')}/${length}` },
    };
  });

const ports = fc.oneof(
  { weight: 4, arbitrary: fc.constant(BOTH_53) },
  { weight: 1, arbitrary: fc.constant([{ protocol: 'UDP', port: 1, endPort: 1000 }]) },
  { weight: 1, arbitrary: fc.constant([]) },
);

/** Slices of the Internet, each below the threshold or not, for some pods. */
export const slice: fc.Arbitrary<Spec> = fc
  .tuple(podSelector, fc.array(block, { minLength: 1, maxLength: 4 }), ports)
  .map(([selector, to, ports]) => egress(selector, [{ to, ports }]));

export function egress(podSelector: Spec, rules: readonly Spec[]): Spec {
  return { podSelector, policyTypes: ['Egress'], egress: rules };
}

const blockOf = (first: number, second: number, length: number) => ({
  ipBlock: { cidr: `${first}.${second}.0.0/${length}` },
});

/** A crowd is policies made to use up whatever bounds a verdict; none of them opens anything to anywhere. */
export type Crowd = readonly [what: string, specs: readonly Spec[]];

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

/** CROWDS each spend another bound. */
export const CROWDS: readonly Crowd[] = [
  [
    'an address for each of many apps',
    times(300, (i) => egress({ matchLabels: { x: `${i}` } }, [{ to: [blockOf(8, i % 256, 32)], ports: BOTH_53 }])),
  ],
  [
    'a piece for each of many apps that covers all together',
    times(440, (i) =>
      egress({ matchLabels: { x: `${i}` } }, [{ to: [blockOf(i >> 1, (i & 1) * 128, 9)], ports: BOTH_53 }]),
    ),
  ],
  [
    'pieces for every pod but thousands',
    times(4, (i) =>
      egress({ matchExpressions: [notIn('x', 3000, i)] }, [{ to: [blockOf(20 + i, 0, 12)], ports: BOTH_53 }]),
    ),
  ],
  [
    'pieces that one pod may have in many ways',
    times(34, (i) =>
      egress({ matchLabels: { [`k${i >> 1}`]: i % 2 === 0 ? 'a' : 'b' } }, [
        { to: [blockOf(20 + i, 0, 13), blockOf(20 + i, 8, 14)], ports: BOTH_53 },
      ]),
    ),
  ],
  [
    'selectors that are hard to add up',
    times(90, (i) =>
      egress({ matchExpressions: [notIn(`p${i % 10}`, 3, i), notIn(`q${i % 9}`, 3, i)] }, [
        { to: [blockOf(20, i, 20)], ports: BOTH_53 },
      ]),
    ),
  ],
  [
    'ports cut into many stretches',
    times(40, (i) =>
      egress({}, [
        {
          to: [blockOf(40, i, 20)],
          ports: times(20, (n) => ({ protocol: 'UDP', port: 1 + 40 * n + i, endPort: 20 + 40 * n + i })),
        },
      ]),
    ),
  ],
  [
    'many blocks each',
    times(30, (i) => egress({}, [{ to: times(200, (n) => blockOf(60 + (n % 40), i, 24)), ports: BOTH_53 }])),
  ],
];

function notIn(key: string, count: number, seed: number): Spec {
  return { key, operator: 'NotIn', values: times(count, (n) => `v${seed}-${n}`) };
}

/** OPENERS open port 53 to anywhere by themselves. */
export const OPENERS: readonly Crowd[] = [
  ['all of IPv4', [egress({}, [{ to: [blockOf(0, 0, 0)], ports: BOTH_53 }])]],
  ['no `to`', [egress({}, [{ ports: BOTH_53 }])]],
  ['every port', [egress({}, [{}])]],
  ['a /8 for one app', [egress({ matchLabels: { app: 'a' } }, [{ to: [blockOf(77, 0, 8)], ports: BOTH_53 }])]],
  [
    'two /9 one after the other',
    [9, 9].map((length, i) => egress({}, [{ to: [blockOf(77, 128 * i, length)], ports: BOTH_53 }])),
  ],
  [
    'two /9 for pods that may be the same',
    [
      egress({ matchLabels: { app: 'a' } }, [{ to: [blockOf(77, 0, 9)], ports: BOTH_53 }]),
      egress({ matchLabels: { tier: 'b' } }, [{ to: [blockOf(77, 128, 9)], ports: BOTH_53 }]),
    ],
  ],
];
