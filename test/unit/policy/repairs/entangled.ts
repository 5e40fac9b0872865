import type { Policy } from '../../../../src/policy/model/policy.ts';
import { BOTH_53, policy, type Spec, TO_DNS } from '../fixtures.ts';

/**
 * ENTANGLED_SPECS are policies, by name, that allow DNS for pods with some labels and without others: no budget suffices to
 * add them up. None is for `app: plain`.
 */
export const ENTANGLED_SPECS: ReadonlyMap<string, Spec> = new Map(carveOuts(260, 40));

/** ENTANGLED are the same, read. */
export const ENTANGLED: readonly Policy[] = read(ENTANGLED_SPECS);

/** EXPENSIVE are fewer of them, for which a budget just suffices. */
export const EXPENSIVE: readonly Policy[] = read(carveOuts(220, 26));

/** needySpec is of a policy for the pods of one app; beside ENTANGLED one cannot tell whether they reach DNS, but for `plain`. */
export function needySpec(app: string): Spec {
  return { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] };
}

/** needy is the same, read; it is called as the app. */
export function needy(app: string): Policy {
  return policy(app, needySpec(app));
}

function read(specs: Iterable<readonly [string, Spec]>): readonly Policy[] {
  return [...specs].map(([name, spec]) => policy(name, spec));
}

function* carveOuts(count: number, labels: number): Generator<readonly [string, Spec]> {
  const random = generator();
  for (let i = 0; i < count; i += 1) {
    const keys = new Set<number>();
    while (keys.size < 3) keys.add(Math.floor(random() * labels));
    // The plainest pod must be selected, or there is nothing to search for.
    const operator = () => (i === 0 || random() < 0.5 ? 'DoesNotExist' : 'Exists');
    const several = [...keys].map((key) => ({ key: `k${key}`, operator: operator() }));
    const matchExpressions = [...several, { key: 'app', operator: 'NotIn', values: ['plain'] }];
    const egress = [{ to: TO_DNS, ports: BOTH_53 }];
    yield [`carve-out-${i}`, { podSelector: { matchExpressions }, policyTypes: ['Egress'], egress }];
  }
}

/** From 0 to 1, the same each time. */
function generator(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
}
