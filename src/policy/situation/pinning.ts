import type { Effect, Issue, Level } from '../model/finding.ts';
import { isNewer, type RulesVersion } from '../model/rules-version.ts';
import type { Modes, Settings } from '../model/settings.ts';
import { effectOf } from './modes.ts';
import type { Rule } from './rule.ts';

/** Pinning is what the effect of an issue depends on, beside the issue and its rule. */
interface Pinning {
  readonly modes: Modes;
  readonly settings: Settings;
}

/** PinnedEffect is what becomes of an issue: undefined for nothing. */
interface PinnedEffect {
  readonly effect: Effect | undefined;
  /** The version from which on it is denied, where it only warns until `rulesVersion` is raised to that. */
  readonly newer?: RulesVersion | undefined;
}

/** pinnedEffect decides what an issue does in a namespace: what came later than `rulesVersion` warns where it would be denied. */
export function pinnedEffect(
  rule: Rule,
  issue: Pick<Issue, 'blamed' | 'uncertain' | 'tolerated' | 'since'>,
  level: Level,
  { modes, settings }: Pinning,
): PinnedEffect {
  const effect = effectOf(issue, level, settings.rules.get(rule.id), modes);
  const newer = effect === 'deny' ? newerThanPinned(rule, issue.since, settings) : undefined;
  return newer === undefined ? { effect } : { effect: 'warn', newer };
}

/** mayDeny holds where an issue of that rule and level can be denied. */
export function mayDeny(rule: Rule, level: Level, pinning: Pinning): boolean {
  return pinnedEffect(rule, { blamed: true }, level, pinning).effect === 'deny';
}

/** remarkOnPin says why a rule only warns, and until when. */
export function remarkOnPin({ id }: Rule, newer: RulesVersion, { rulesVersion }: Settings): string {
  return `${id} came with ${newer} and only warns under \`rulesVersion: ${rulesVersion}\`; raise that to have it refused`;
}

/** Whoever names a rule in the configuration has chosen it, but not a reading that came later. */
function newerThanPinned(
  rule: Rule,
  since: RulesVersion | undefined,
  { rules, rulesVersion }: Settings,
): RulesVersion | undefined {
  const chosen = rules.has(rule.id) ? undefined : rule.since;
  return [since, chosen].find((version) => version !== undefined && isNewer(version, rulesVersion));
}
