import { matchesGlob } from '../../objects/glob.ts';
import type { Change } from '../model/change.ts';
import type { ExemptionEntry, Settings } from '../model/settings.ts';

/** exemptionOf explains why the whole change is exempt; undefined if it is not. */
export function exemptionOf({ namespace, user }: Change, { exemptions }: Settings): string | undefined {
  const glob = exemptions.namespaces.find((pattern) => matchesGlob(pattern, namespace));
  if (glob !== undefined) return `namespace ${glob}`;
  if (user === undefined) return undefined;
  if (exemptions.users.includes(user.username)) return `user ${user.username}`;
  const group = exemptions.groups.find((name) => user.groups.includes(name));
  return group === undefined ? undefined : `group ${group}`;
}

/** entriesFor returns the exemption entries for one policy, those in force and those that have expired. */
export function entriesFor(
  namespace: string,
  name: string | undefined,
  { exemptions }: Settings,
  now: number,
): { valid: readonly ExemptionEntry[]; expired: readonly ExemptionEntry[] } {
  const about = exemptions.entries.filter(
    (entry) => matchesGlob(entry.namespace, namespace) && matchesGlob(entry.name, name ?? ''),
  );
  const isExpired = ({ expires }: ExemptionEntry) => expires !== undefined && expires <= now;
  return { valid: about.filter((entry) => !isExpired(entry)), expired: about.filter(isExpired) };
}

/** exempts holds if the entry covers the rule. */
export function exempts({ rules }: ExemptionEntry, rule: string): boolean {
  return rules.length === 0 || rules.includes(rule);
}
