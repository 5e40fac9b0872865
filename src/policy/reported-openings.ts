import { AddressSet } from '../sets/address-set.ts';
import { type Opening, openingsFor } from './anywhere.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from './dns-reach.ts';
import type { PortEntry } from './model.ts';
import { FAMILIES, type InternetRule, internetRules, openAddresses } from './openings.ts';
import type { Situation } from './situation.ts';

/** ReportedOpenings is what the changed policy opens to anywhere, so that no part of it is reported twice. */
export interface ReportedOpenings {
  /** For `egress-open-to-anywhere`. */
  readonly everyPort: readonly Opening[];
  /** For `dns-open-to-anywhere`. */
  readonly dns: readonly Opening[];
}

const NOTHING: ReportedOpenings = { everyPort: [], dns: [] };

const memory = new WeakMap<Situation, ReportedOpenings>();

/** reportedOpenings is found once for each situation. */
export function reportedOpenings(situation: Situation): ReportedOpenings {
  if (situation.policy === undefined || internetRules(situation.policy).length === 0) return NOTHING;
  let reported = memory.get(situation);
  if (reported === undefined) {
    const everyPort = openings(situation, ['every']);
    const dns = openings(situation, situation.settings.dns.ports).filter(({ rules, aim }) => {
      const same = everyPort.filter((other) => other.aim.protocol === aim.protocol && other.aim.family === aim.family);
      return !openAddresses(rules, aim).isSubset(ownAddresses(same));
    });
    reported = { everyPort, dns };
    memory.set(situation, reported);
  }
  return reported;
}

function openings(situation: Situation, ports: readonly (number | 'every')[]): readonly Opening[] {
  return DNS_PROTOCOLS.flatMap((protocol) =>
    FAMILIES.flatMap((family) => ports.flatMap((port) => openingsFor(situation, { protocol, port, family }))),
  );
}

/** What the changed policy itself opens as its part of the openings. */
function ownAddresses(openings: readonly Opening[]): AddressSet {
  return AddressSet.unionAll(openings.flatMap(({ rules }) => rules.map(({ addresses }) => addresses)));
}

/** entriesFor returns those items of `ports` that serve the opening. */
export function entriesFor({ rule }: InternetRule, { aim: { protocol, port } }: Opening): readonly PortEntry[] {
  return rule.entries.filter(({ ports }) =>
    port === 'every' ? !ports.numbers[protocol].isEmpty : ports.has(protocol, port),
  );
}

/** reportedAddresses returns the public addresses on which a port is part of an opening that was reported. */
export function reportedAddresses(situation: Situation, protocol: DnsProtocol, port: number): AddressSet {
  const { everyPort, dns } = reportedOpenings(situation);
  const parts = [ownAddresses(everyPort.filter(({ aim }) => aim.protocol === protocol))];
  for (const opening of dns) {
    const { aim, rules } = opening;
    const isSame = aim.protocol === protocol && aim.port === port;
    for (const open of rules) {
      if (isSame || entriesFor(open, opening).some(({ ports }) => ports.has(protocol, port)))
        parts.push(open.addresses);
    }
  }
  return AddressSet.unionAll(parts);
}

/** isReportedForPods holds where a reported opening of these ports has no `to`, so that pods are part of it. */
export function isReportedForPods(situation: Situation, protocol: DnsProtocol): boolean {
  const { everyPort, dns } = reportedOpenings(situation);
  return [...everyPort, ...dns].some(
    ({ aim, rules }) => aim.protocol === protocol && rules.some(({ rule }) => rule.peers === 'any'),
  );
}
