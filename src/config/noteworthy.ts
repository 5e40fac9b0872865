import type { GuardConfiguration } from './configuration.ts';
import { parseTime } from './formats.ts';
import { type Fault, faultAt } from './problem.ts';

const DAY_MS = 86_400_000;

/** Exemptions are renewed by people, who plan by the week. */
const SOON_DAYS = 14;

/** Groups that everyone is in, from a list of Kubernetes' own (k8s.io/apiserver, authentication/user). */
const EVERYONE: ReadonlySet<string> = new Set(['system:authenticated', 'system:unauthenticated']);

/**
 * noteworthy finds settings that are valid but may be unintended: exemptions that have expired or soon will, exemptions
 * of everything, rules that are off, and a discovery without namespaces. `now` is in milliseconds since the epoch.
 */
export function noteworthy(configuration: GuardConfiguration, now: number): readonly Fault[] {
  return [
    ...expiries(configuration, now),
    ...wideExemptions(configuration),
    ...rulesOff(configuration),
    ...noDiscovery(configuration),
  ];
}

function expiries({ exemptions }: GuardConfiguration, now: number): readonly Fault[] {
  return exemptions.entries.flatMap(({ expires }, i) => {
    const end = expires === undefined ? undefined : parseTime(expires);
    if (end === undefined) return [];
    const at = (message: string) => [faultAt(['exemptions', 'entries', i, 'expires'], message)];
    const day = new Date(end).toISOString().slice(0, 10);
    if (end <= now) return at(`expired on ${day} and no longer exempts; remove the entry, or renew it`);
    const days = Math.ceil((end - now) / DAY_MS);
    return days > SOON_DAYS ? [] : at(`expires on ${day}, in ${days === 1 ? '1 day' : `${days} days`}`);
  });
}

function wideExemptions({ exemptions: { namespaces, groups, entries } }: GuardConfiguration): readonly Fault[] {
  const faults: Fault[] = [];
  const isAll = (glob: string) => /^\*+$/.test(glob);
  for (const [i, glob] of namespaces.entries()) {
    if (isAll(glob)) faults.push(faultAt(['exemptions', 'namespaces', i], 'exempts every namespace'));
  }
  for (const [i, group] of groups.entries()) {
    if (EVERYONE.has(group)) faults.push(faultAt(['exemptions', 'groups', i], 'exempts everyone in that group'));
  }
  for (const [i, { namespace, name, expires }] of entries.entries()) {
    if (!isAll(namespace) || !isAll(name) || expires !== undefined) continue;
    faults.push(faultAt(['exemptions', 'entries', i], 'exempts every policy of every namespace, forever'));
  }
  return faults;
}

function rulesOff({ rules }: GuardConfiguration): readonly Fault[] {
  const off = Object.entries(rules).filter(([, effect]) => effect === 'off');
  return off.map(([id]) => faultAt(['rules', id], 'is off; its findings are not reported anywhere'));
}

function noDiscovery({ dns, baseline }: GuardConfiguration): readonly Fault[] {
  if (dns.namespaces.length + dns.presets.length + dns.servers.length > 0) return [];
  const lost = baseline.template === 'none' ? '' : ', so no baseline is applied';
  return [faultAt(['dns', 'namespaces'], `is empty, and no DNS server is named: cluster DNS is unknown${lost}`)];
}
