/** RulesVersion is a minor version of netpol-guard, as `rulesVersion` and the rules' `since` spell it. */
export type RulesVersion = `v${number}.${number}`;

/** RULES_VERSIONS are the versions that the rules can be pinned to, the oldest first. A release that adds a rule adds its own. */
export const RULES_VERSIONS: readonly RulesVersion[] = ['v0.1'];

/**
 * FIRST_RULES_VERSION is the default if the configuration names none, so that an upgrade refuses nothing that passed
 * before.
 */
export const FIRST_RULES_VERSION: RulesVersion = 'v0.1';

/** isNewer tells whether the version `since` is later than `pinned`. */
export function isNewer(since: RulesVersion, pinned: RulesVersion): boolean {
  const [major, minor] = numbersOf(since);
  const [pinnedMajor, pinnedMinor] = numbersOf(pinned);
  return major > pinnedMajor || (major === pinnedMajor && minor > pinnedMinor);
}

function numbersOf(version: RulesVersion): readonly [number, number] {
  const [major, minor] = version.slice(1).split('.');
  return [Number(major), Number(minor)];
}
