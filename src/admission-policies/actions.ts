import type { Effect } from '../policy/model/finding.ts';

/** Enforcement is the chart's value of that name: whether what is refused is refused, shown or recorded. */
export type Enforcement = 'audit' | 'warn' | 'enforce';

/** ENFORCEMENTS are its values. */
export const ENFORCEMENTS: readonly Enforcement[] = ['audit', 'warn', 'enforce'];

/** ValidationAction is what a binding makes of a validation that fails. `Deny` and `Warn` exclude each other. */
export type ValidationAction = 'Deny' | 'Warn' | 'Audit';

/** Override is what a configuration may say of a rule. */
export type Override = Effect | 'off';

/** OVERRIDES are those words, the weakest first. */
export const OVERRIDES: readonly Override[] = ['off', 'audit', 'warn', 'deny'];

/** weakest returns the weakest of what a configuration says of some rules; undefined where it says nothing. */
export function weakest(overrides: readonly (Override | undefined)[]): Override | undefined {
  return OVERRIDES.find((override) => overrides.includes(override));
}

const ACTIONS: Readonly<Record<Enforcement, readonly ValidationAction[]>> = {
  audit: ['Audit'],
  warn: ['Warn', 'Audit'],
  enforce: ['Deny', 'Audit'],
};

const LIMITED_TO: Readonly<Record<Effect, Enforcement>> = { audit: 'audit', warn: 'warn', deny: 'enforce' };

/** actionsOf returns what a policy does, empty for nothing; `override` is the configuration's word on its rules. */
export function actionsOf(enforcement: Enforcement, override: Override | undefined): readonly ValidationAction[] {
  if (override === 'off') return [];
  const most = ENFORCEMENTS.indexOf(override === undefined ? 'enforce' : LIMITED_TO[override]);
  return ACTIONS[ENFORCEMENTS[Math.min(most, ENFORCEMENTS.indexOf(enforcement))] ?? 'audit'];
}
