import { AddressSet } from '../../sets/address-set.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { Remembered } from '../remembered.ts';
import type { Situation } from '../situation.ts';
import { type Opening, openingsFor } from './anywhere.ts';
import { entriesFor, FAMILIES, internetRules, openAddresses } from './internet-rules.ts';

/** ReportedOpenings is what the changed policy opens to anywhere, so that no part of it is reported twice. */
export interface ReportedOpenings {
  /** For `egress-open-to-anywhere`. */
  readonly everyPort: readonly Opening[];
  /** For `dns-open-to-anywhere`. */
  readonly dns: readonly Opening[];
}

const NOTHING: ReportedOpenings = { everyPort: [], dns: [] };

const remembered = new Remembered<Situation, ReportedOpenings>();

/** reportedOpenings is found once for each situation. */
export function reportedOpenings(situation: Situation): ReportedOpenings {
  if (situation.policy === undefined || internetRules(situation.policy).length === 0) return NOTHING;
  return remembered.get(situation, '', () => findOpenings(situation));
}

function findOpenings(situation: Situation): ReportedOpenings {
  const { ports } = situation.settings.dns;
  const kinds = DNS_PROTOCOLS.flatMap((protocol) => FAMILIES.map((family) => ({ protocol, family })));
  const found = kinds.map((kind) => {
    const everyPort = openingsFor(situation, { ...kind, port: 'every' });
    const reported = ownAddresses(everyPort);
    const dns = ports
      .flatMap((port) => openingsFor(situation, { ...kind, port }))
      .filter(({ rules, aim }) => !openAddresses(rules, aim).isSubset(reported));
    return { everyPort, dns };
  });
  return { everyPort: found.flatMap(({ everyPort }) => everyPort), dns: found.flatMap(({ dns }) => dns) };
}

/** What the changed policy itself opens as its part of the openings. */
function ownAddresses(openings: readonly Opening[]): AddressSet {
  const parts = new Set<AddressSet>();
  for (const opening of openings) {
    if (!saysItAll(opening)) continue;
    const { rules, others, addresses } = opening;
    if (others.length === 0) parts.add(addresses);
    else for (const open of rules) parts.add(open.addresses.intersect(addresses));
  }
  return AddressSet.unionAll([...parts]);
}

/**
 * What is not certain may yet be reported otherwise; and what stood before with the help of others, at the pods that
 * they share, says nothing of what the change opens to the rest.
 */
function saysItAll({ uncertain, others, blamed }: Opening): boolean {
  return uncertain === undefined && (others.length === 0 || blamed);
}

const addressesOn = new Remembered<Situation, AddressSet>();

/** reportedAddresses returns the public addresses on which a port is part of an opening that was reported. */
export function reportedAddresses(situation: Situation, protocol: DnsProtocol, port: number): AddressSet {
  return addressesOn.get(situation, `${protocol} ${port}`, () => collectReported(situation, protocol, port));
}

function collectReported(situation: Situation, protocol: DnsProtocol, port: number): AddressSet {
  const { everyPort, dns } = reportedOpenings(situation);
  const parts = new Set([ownAddresses(everyPort.filter(({ aim }) => aim.protocol === protocol))]);
  for (const opening of dns) {
    if (!saysItAll(opening)) continue;
    const isSame = opening.aim.protocol === protocol && opening.aim.port === port;
    for (const open of opening.rules) {
      if (isSame || entriesFor(open.rule, opening.aim).some(({ ports }) => ports.has(protocol, port)))
        parts.add(open.addresses);
    }
  }
  return AddressSet.unionAll([...parts]);
}

const forPods = new Remembered<Situation, boolean>();

/** isReportedForPods holds where a reported opening over the protocol has no `to`, so that pods are part of it. */
export function isReportedForPods(situation: Situation, protocol: DnsProtocol): boolean {
  return forPods.get(situation, protocol, () => {
    const { everyPort, dns } = reportedOpenings(situation);
    return [everyPort, dns].some((openings) =>
      openings.some(({ aim, rules }) => aim.protocol === protocol && rules.some(({ rule }) => rule.peers === 'any')),
    );
  });
}
