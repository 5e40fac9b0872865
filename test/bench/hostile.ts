import { CROWDS, crowd, HOSTILE_RULES, hostilePolicy, OPENING } from '../adversary/hostile.ts';
import { allowDns, deny, judge } from '../unit/policy/fixtures.ts';
import type { Measure } from './report.ts';
import { median } from './statistics.ts';

const RULES = 4_000;
const POLICIES = 3_000;
const RUNS = 3;
/** Milliseconds that one review may take from all others, who wait for the one thread. */
const LONGEST = 2_000;

/** measureHostile times verdicts on what somebody could write to keep the webhook busy; test/adversary/bounds.test.ts counts its steps. */
export function measureHostile(): readonly Measure[] {
  const others = [allowDns(), deny()];
  const rules = HOSTILE_RULES.map(([name, make]): Measure => {
    const times = Array.from({ length: RUNS }, () => {
      const after = hostilePolicy(make(RULES));
      return milliseconds(() => judge({ operation: 'CREATE', after }, { stored: others }));
    });
    return row(`verdict on ${RULES.toLocaleString('en')} ${name}`, times);
  });
  const crowds = CROWDS.map(([name, rule]): Measure => {
    const stored = [...crowd(POLICIES, rule), ...others];
    const times = Array.from({ length: RUNS }, () =>
      milliseconds(() => judge({ operation: 'CREATE', after: OPENING }, { stored })),
    );
    return row(`verdict among ${POLICIES.toLocaleString('en')} policies that open ${name} each`, times);
  });
  return [...rules, ...crowds];
}

function row(name: string, times: readonly number[]): Measure {
  return { name, value: median(times), unit: 'ms', goal: { at: 'most', bound: LONGEST } };
}

function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
