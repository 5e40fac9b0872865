import type { AddressSet } from '../../sets/address-set.ts';
import { isAnywhere } from '../../sets/globally-routable.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Policy } from '../model/policy.ts';
import type { Settings } from '../model/settings.ts';
import type { Situation } from '../situation/situation.ts';
import { type Opening, openingsFor } from './anywhere.ts';
import { type Aim, FAMILIES, type InternetRule, internetRules, openAddresses } from './internet-rules.ts';
import { everyPortReported, type PodsReport, reportedAddresses, reportedOpenings } from './reported.ts';

/** NAMING are the classes of policies that open named ports, over a protocol, to anything on the Internet. */
const NAMING: Readonly<Record<DnsProtocol, PolicyClass>> = {
  UDP: { includes: (policy) => namedIn(internetRules(policy), 'UDP').length > 0 },
  TCP: { includes: (policy) => namedIn(internetRules(policy), 'TCP').length > 0 },
};

const remembered = new Memo<Situation, readonly Opening[]>();

/**
 * namedOpenings are the openings that need named ports, of the changed policy or of others that select a common pod.
 * All names add up: the author of the pod decides which number a name means.
 */
function namedOpenings(situation: Situation): readonly Opening[] {
  const { policy, after, settings } = situation;
  if (policy === undefined || internetRules(policy).length === 0) return [];
  return remembered.get(situation, '', () => {
    const protocols = DNS_PROTOCOLS.filter(
      (protocol) => mayAdd(policy, protocol, settings) && after.hasAny(NAMING[protocol], policy.subject),
    );
    return protocols.flatMap((protocol) => FAMILIES.flatMap((family) => openingsOver(situation, { protocol, family })));
  });
}

/** Whatever number a name means, a policy that opens neither a named port nor a DNS port adds nothing to it. */
function mayAdd(policy: Policy, protocol: DnsProtocol, { dns }: Settings): boolean {
  return internetRules(policy).some(
    ({ rule: { ports } }) => ports.names[protocol].length > 0 || dns.ports.some((port) => ports.has(protocol, port)),
  );
}

/**
 * unreportedNames are the openings of named ports, except those that `dns-open-to-anywhere` reports with the same fix.
 */
export function unreportedNames(situation: Situation): readonly Opening[] {
  const openings = namedOpenings(situation);
  if (openings.length === 0) return openings;
  const said = saidOfDns(situation);
  return openings.filter(({ aim, rules, blamed }) => {
    const named = namedIn(rules, aim.protocol);
    const isSaid = (open: InternetRule) => {
      const report = said[aim.protocol].get(open);
      return report !== undefined && (report === 'blamed' || !blamed);
    };
    return named.length === 0 || !named.every(isSaid);
  });
}

type Said = ReadonlyMap<InternetRule, 'blamed' | 'standing'>;

/** The rules about DNS, including named ports, that are reported by the number of their port. */
function saidOfDns(situation: Situation): Readonly<Record<DnsProtocol, Said>> {
  const said = {
    UDP: new Map<InternetRule, 'blamed' | 'standing'>(),
    TCP: new Map<InternetRule, 'blamed' | 'standing'>(),
  };
  for (const { aim, rules, blamed } of reportedOpenings(situation).dns) {
    for (const open of rules) {
      if (!isAboutDns(open.rule, situation.vocabulary)) continue;
      if (blamed || !said[aim.protocol].has(open)) said[aim.protocol].set(open, blamed ? 'blamed' : 'standing');
    }
  }
  return said;
}

const reports = new Memo<Situation, ReadonlyMap<string, PodsReport>>();

/** nameReported returns how an opening without `to` was reported, which also opens a port of this name on every pod. */
export function nameReported(situation: Situation, protocol: DnsProtocol, name: string): PodsReport {
  const byName = reports.get(situation, '', () => reportsByName(situation));
  return byName.get(`${protocol} ${name}`) ?? 'not';
}

/** There may be thousands of names, in as many openings. */
function reportsByName(situation: Situation): ReadonlyMap<string, PodsReport> {
  const byName = new Map<string, PodsReport>();
  for (const { aim, rules, blamed } of namedOpenings(situation)) {
    situation.budget.spend(rules.length);
    for (const { rule } of rules) {
      if (rule.peers !== 'any') continue;
      const names = rule.ports.names[aim.protocol];
      situation.budget.spend(names.length);
      for (const name of names) {
        const key = `${aim.protocol} ${name}`;
        if (blamed || !byName.has(key)) byName.set(key, blamed ? 'blamed' : 'standing');
      }
    }
  }
  return byName;
}

/** If names on their own stay below the threshold, they may pass it with what is open by the number of a DNS port. */
function openingsOver(situation: Situation, lane: Pick<Aim, 'protocol' | 'family'>): readonly Opening[] {
  const aim = { ...lane, port: 'named' } as const;
  const byName = openingsByName(situation, aim, everyPortReported(situation, lane));
  if (byName.length > 0) return byName;
  for (const port of situation.settings.dns.ports) {
    const spared = reportedAddresses(situation, { ...lane, port });
    const withNumber = openingsByName(situation, { ...aim, withNumber: port }, spared);
    if (withNumber.length > 0) return withNumber;
  }
  return [];
}

/** openingsByName keeps the openings that would stay below the threshold without names. */
function openingsByName(situation: Situation, aim: NamedAim, spared: AddressSet): readonly Opening[] {
  const { anywhereThreshold } = situation.settings.dns;
  const passes = (addresses: AddressSet) => isAnywhere(addresses.subtract(spared), anywhereThreshold);
  return openingsFor(situation, aim, spared).flatMap((opening) => {
    const named = namedIn(opening.rules, aim.protocol);
    if (named.length === opening.rules.length && opening.others.length === 0) return [opening];
    const all = [...opening.rules, ...opening.others.flatMap(internetRules)];
    if (!passes(openAddresses(named, aim)) && passes(byNumber(all, aim))) return [];
    return [{ ...opening, rules: [...named, ...unnamedIn(opening.rules, aim.protocol)] }];
  });
}

interface NamedAim extends Aim {
  readonly port: 'named';
}

/** byNumber returns what rules open for the aim without its names. */
function byNumber(rules: readonly InternetRule[], aim: NamedAim): AddressSet {
  if (aim.withNumber !== undefined) return openAddresses(rules, { ...aim, port: aim.withNumber });
  return openAddresses(unnamedIn(rules, aim.protocol), aim);
}

function namedIn(rules: readonly InternetRule[], protocol: DnsProtocol): readonly InternetRule[] {
  return rules.filter(({ rule }) => rule.ports.names[protocol].length > 0);
}

function unnamedIn(rules: readonly InternetRule[], protocol: DnsProtocol): readonly InternetRule[] {
  return rules.filter(({ rule }) => rule.ports.names[protocol].length === 0);
}
