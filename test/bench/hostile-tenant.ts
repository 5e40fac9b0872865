import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Change } from '../../src/policy/model/change.ts';
import { NamespacePolicies } from '../../src/policy/model/namespace-policies.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { Chance } from '../fuzz/chance.ts';

type Spec = Readonly<Record<string, unknown>>;

const BOTH_53 = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const egress = (podSelector: Spec, rules: readonly Spec[]): Spec => ({
  podSelector,
  policyTypes: ['Egress'],
  egress: rules,
});
const block = (cidr: string) => ({ ipBlock: { cidr } });
const address = (n: number) => `${20 + ((n >> 16) % 60)}.${(n >> 8) & 255}.${n & 255}.${(n * 7) & 255}/32`;
const notIn = (key: string, count: number, seed: number) => ({
  key,
  operator: 'NotIn',
  values: times(count, (n) => `v${seed}-${n}`),
});

/** KINDS are namespaces that cost a verdict as much as their author can make it, each written by a seed. */
const KINDS: Readonly<Record<string, (chance: Chance) => readonly Spec[]>> = {
  'thousands of addresses each, then halves': (chance) => [
    ...times(40, (i) =>
      egress({}, [{ to: times(2_000, (n) => block(address(chance.below(2 ** 20) + i + n))), ports: BOTH_53 }]),
    ),
    ...times(2, (i) => egress({}, [{ to: [block(`90.${128 * i}.0.0/9`)], ports: BOTH_53 }])),
  ],
  'ports cut in two, and addresses': (chance) =>
    times(60, () => {
      const cut = 2 + chance.below(60_000);
      const to = times(200, () => block(address(chance.below(2 ** 22))));
      return egress({}, [
        { to, ports: [{ protocol: 'UDP', port: 1, endPort: cut }] },
        { to, ports: [{ protocol: 'UDP', port: cut + 1, endPort: 65_535 }] },
      ]);
    }),
  'pieces that one pod may have in many ways': (chance) =>
    times(80, (i) =>
      egress({ matchLabels: { [`k${i >> 1}`]: `${i % 2}` } }, [
        { to: [block(`${20 + (i % 70)}.${16 * chance.below(15)}.0.0/13`)], ports: BOTH_53 },
      ]),
    ),
  'thousands of values in selectors': (chance) =>
    times(30, (i) =>
      egress({ matchExpressions: [notIn('x', 5_000, chance.below(1000)), notIn('y', 2_000, i)] }, [
        { to: [block(`${30 + i}.0.0.0/12`)], ports: BOTH_53 },
      ]),
    ),
  'thousands of peers': (chance) =>
    times(6, () =>
      egress({}, [
        {
          to: times(2_000, () => ({
            namespaceSelector: { matchExpressions: [notIn('z', 1, chance.below(2 ** 24))] },
          })),
          ports: BOTH_53,
        },
      ]),
    ),
  'selectors that are hard to add up': (chance) =>
    times(300, () =>
      egress(
        {
          matchExpressions: times(4, (k) => ({
            key: `k${k}${chance.below(4)}`,
            operator: chance.pick(['In', 'NotIn']),
            values: [`${chance.below(3)}`],
          })),
        },
        [{ to: [block(`${20 + chance.below(70)}.${chance.below(256)}.0.0/14`)], ports: BOTH_53 }],
      ),
    ),
  'a thousand policies': (chance) =>
    times(1_000, (i) =>
      egress(i % 3 === 0 ? {} : { matchLabels: { app: `a${i}` } }, [
        { to: [block(address(chance.below(2 ** 22)))], ports: BOTH_53 },
      ]),
    ),
};

export const HOSTILE_KINDS: readonly string[] = Object.keys(KINDS);

/** hostileSpecs is what a tenant writes, of one kind. */
export function hostileSpecs(kind: string, seed: number): readonly Spec[] {
  const write = KINDS[kind];
  if (write === undefined) throw new Error(`no kind ${kind}`);
  return write(new Chance(seed));
}

/**
 * worstVerdict has a tenant write a namespace of one kind, policy by policy, and returns the CPU milliseconds
 * that the slowest verdict takes of its thread: on a write, on an update of what was written, or in an audit.
 */
export function worstVerdict(kind: string, seed: number, settings: Settings): number {
  const policies = new NamespacePolicies();
  const snapshot = {
    ...offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, settings),
    policies: () => policies,
  };
  let worst = 0;
  const judge = (change: Omit<Change, 'namespace'>) => {
    const began = process.threadCpuUsage();
    const { denied } = evaluate({ ...change, namespace: 'shop' }, snapshot, settings, 0);
    const { user, system } = process.threadCpuUsage(began);
    worst = Math.max(worst, (user + system) / 1000);
    return denied;
  };
  for (const [i, spec] of hostileSpecs(kind, seed).entries()) {
    const read = () => readNetworkPolicy({ metadata: { name: `p${i}`, namespace: 'shop' }, spec }, 'shop');
    if (!judge({ operation: 'CREATE', after: read() })) policies.set(`p${i}`, read());
  }
  const stored = [...policies.all()];
  for (const before of stored.filter((_, i) => i % Math.ceil(stored.length / 20) === 0)) {
    judge({ operation: 'AUDIT', after: before });
    judge({ operation: 'DELETE', before });
    judge({
      operation: 'UPDATE',
      before,
      after: { ...before, egress: [...before.egress, ...before.egress.slice(0, 1)] },
    });
  }
  return worst;
}
