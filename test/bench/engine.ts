import { Bench } from 'tinybench';
import { loadConfiguration } from '../../src/config/load.ts';
import { readNetworkPolicy } from '../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Change } from '../../src/policy/model/change.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { Budget } from '../../src/sets/budget.ts';
import { isCovered } from '../../src/sets/coverage.ts';
import { LabelSelector, type Requirement } from '../../src/sets/label-selector.ts';
import { measureHostile } from './hostile.ts';
import type { Measure, Section } from './report.ts';
import { policyManifest, reviewBody } from './review.ts';

const SIZES = [1, 10, 100, 1_000, 10_000];

const selector = (...lines: Requirement[]) => LabelSelector.of(new Map(), lines);
const among = (key: string, ...values: string[]): Requirement => ({ key, operator: 'In', values });
const not = (key: string, ...values: string[]): Requirement => ({ key, operator: 'NotIn', values });

/** A thousand selectors over three keys, each of which overlaps with its neighbours; together they leave a gap. */
const overlapping = Array.from({ length: 1_000 }, (_, n) =>
  selector(among('app', `app-${n}`, `app-${n + 1}`), not('tier', `tier-${n % 7}`)),
);

/** The pigeonhole principle in selectors: covered, and no search finds out in reasonable time. */
function hostile(holes: number): LabelSelector[] {
  const hole = Array.from({ length: holes }, (_, n) => n);
  return Array.from({ length: holes + 1 }, (_, pigeon) => pigeon).flatMap((pigeon) => [
    selector(...hole.map((n) => not(`p${pigeon}-${n}`, 'y'))),
    ...hole.flatMap((n) =>
      Array.from({ length: pigeon }, (_, other) =>
        selector(among(`p${pigeon}-${n}`, 'y'), among(`p${other}-${n}`, 'y')),
      ),
    ),
  ]);
}

/** Sizes of hostile values: few keys that list thousands of values each. */
function hostileValues(): { subject: LabelSelector; covers: LabelSelector[] } {
  const values = Array.from({ length: 5_000 }, (_, n) => `v${n}`);
  const outside = selector(not('big', 'v4999'));
  return { subject: selector(among('big', ...values)), covers: hostile(12).map((cover) => cover.intersect(outside)) };
}

/** measureEngine times the engine alone, the containment search at its worst, and hostile policies. */
export async function measureEngine(milliseconds: number): Promise<Section> {
  const { settings } = await loadConfiguration(undefined);
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 4 });
  const object: unknown = JSON.parse(reviewBody()).request.object;
  bench.add('read one policy', () => readNetworkPolicy(object, 'shop'));
  for (const size of SIZES) {
    const policies = Array.from({ length: size }, (_, n) =>
      readNetworkPolicy(policyManifest(`policy-${n}`, `app-${n}`), 'shop'),
    );
    const snapshot = offlineSnapshot({ namespaces: [], policies, otherPolicies: [] }, settings);
    const change: Change = { operation: 'CREATE', namespace: 'shop', after: readNetworkPolicy(object, 'shop') };
    bench.add(`verdict among ${size.toLocaleString('en')} policies`, () => evaluate(change, snapshot, settings, 0));
  }
  const values = hostileValues();
  bench.add('containment, 1,000 overlapping selectors', () =>
    isCovered(LabelSelector.everything, overlapping, new Budget()),
  );
  const pigeons = hostile(12);
  bench.add('containment, hostile', () => isCovered(LabelSelector.everything, pigeons, new Budget()));
  bench.add('containment, hostile with 5,000 values', () => isCovered(values.subject, values.covers, new Budget()));
  await bench.run();
  const bounds = new Map([
    ['containment, 1,000 overlapping selectors', 1],
    ['containment, hostile', 20],
    ['containment, hostile with 5,000 values', 20],
  ]);
  const measures = bench.tasks.map((task): Measure => {
    if (task.result.state !== 'completed') throw new Error(`${task.name} did not run: ${task.result.state}`);
    const value = task.result.latency.p50;
    const bound = bounds.get(task.name);
    return bound === undefined
      ? { name: task.name, value: value * 1_000, unit: 'us' }
      : { name: task.name, value, unit: 'ms', goal: { at: 'most', bound } };
  });
  const how = `tinybench, ${milliseconds} ms each, median; hostile verdicts three times`;
  return { name: 'engine', how, measures: [...measures, ...measureHostile()] };
}
