import { AddressSet } from '../../sets/address-set.ts';
import { PortSet } from '../../sets/port-set.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { Memo } from '../model/memo.ts';
import type { Situation } from '../situation/situation.ts';
import { type Opening, openingsFor } from './anywhere.ts';
import {
  type Aim,
  aimText,
  entriesFor,
  FAMILIES,
  type InternetRule,
  internetRules,
  type NumberAim,
} from './internet-rules.ts';

/** ReportedOpenings is what the changed policy opens to anywhere, so that no part of it is reported twice. */
export interface ReportedOpenings {
  /** For `egress-open-to-anywhere`. */
  readonly everyPort: readonly Opening[];
  /** For `dns-open-to-anywhere`. */
  readonly dns: readonly Opening[];
}

const NOTHING: ReportedOpenings = { everyPort: [], dns: [] };

const remembered = new Memo<Situation, ReportedOpenings>();

/** reportedOpenings is computed once for each situation. */
export function reportedOpenings(situation: Situation): ReportedOpenings {
  if (situation.policy === undefined || internetRules(situation.policy).length === 0) return NOTHING;
  return remembered.get(situation, '', () => findOpenings(situation));
}

function findOpenings(situation: Situation): ReportedOpenings {
  const { ports } = situation.settings.dns;
  const kinds = DNS_PROTOCOLS.flatMap((protocol) => FAMILIES.map((family) => ({ protocol, family })));
  const found = kinds.map((kind) => {
    const everyPort = openingsFor(situation, { ...kind, port: 'every' });
    const spared = openedBy(situation, everyPort);
    return { everyPort, dns: ports.flatMap((port) => openingsFor(situation, { ...kind, port }, spared)) };
  });
  return { everyPort: found.flatMap(({ everyPort }) => everyPort), dns: found.flatMap(({ dns }) => dns) };
}

/** The part of openings that other rules need not report again. */
function openedBy(situation: Situation, openings: readonly Opening[]): AddressSet {
  const said = openings.filter((opening) => saysItAll(situation, opening));
  return AddressSet.unionAll([...new Set(said.map(({ addresses }) => addresses))]);
}

/**
 * An opening that existed before with the help of other policies, for the pods that they share, does not show what the
 * change opens for the other pods.
 */
function saysItAll({ policy }: Situation, { blamed, pods }: Opening): boolean {
  return blamed || (policy?.subject.isSubset(pods) ?? false);
}

const addressesOn = new Memo<Situation, AddressSet>();

/** reportedAddresses returns the public addresses on which a port is part of an opening that was reported. */
export function reportedAddresses(situation: Situation, aim: NumberAim): AddressSet {
  return addressesOn.get(situation, aimText(aim), () => collectReported(situation, aim));
}

/** everyPortReported returns the public addresses to which every port of a protocol was reported as open. */
export function everyPortReported(situation: Situation, kind: Pick<Aim, 'protocol' | 'family'>): AddressSet {
  return openedBy(situation, ofKind(reportedOpenings(situation).everyPort, kind));
}

function ofKind(openings: readonly Opening[], { protocol, family }: Pick<Aim, 'protocol' | 'family'>) {
  return openings.filter(({ aim }) => aim.protocol === protocol && aim.family === family);
}

function collectReported(situation: Situation, aim: NumberAim): AddressSet {
  const { port, family } = aim;
  const parts = new Set([everyPortReported(situation, aim)]);
  for (const opening of ofKind(reportedOpenings(situation).dns, aim)) {
    if (!saysItAll(situation, opening)) continue;
    for (const open of opening.rules) {
      if (opening.aim.port === port || opensInOneItem(open, opening.aim, port)) parts.add(open.addresses);
    }
  }
  return AddressSet.unionAll([...parts]).inFamily(family);
}

/** An item of `ports` such as a range is reported once, with every port in it. */
function opensInOneItem({ rule }: InternetRule, aim: Aim, port: number): boolean {
  return rule.entries.length === 0 || entriesFor(rule, aim).some(({ ports }) => ports.has(aim.protocol, port));
}

/** PodsReport is how an opening that includes pods was reported; `not` if there is none. */
export type PodsReport = 'blamed' | 'standing' | 'not';

const forPods = new Memo<Situation, PodsReport>();

/**
 * podsReported returns how an opening without `to` was reported, which includes a port of all pods, by number or by
 * name. Opening port 53 opens no named port; opening every port does.
 */
export function podsReported(situation: Situation, protocol: DnsProtocol, port: number | string): PodsReport {
  return forPods.get(situation, `${protocol} ${port}`, () => {
    const { everyPort, dns } = reportedOpenings(situation);
    const reported = [...everyPort, ...dns].filter((opening) => opensToPods(opening, protocol, port));
    return reported.some(({ blamed }) => blamed) ? 'blamed' : reported.length > 0 ? 'standing' : 'not';
  });
}

function opensToPods({ aim, rules, others }: Opening, protocol: DnsProtocol, port: number | string): boolean {
  if (aim.protocol !== protocol) return false;
  if (aim.port !== 'every') return aim.port === port && rules.some(isUnbounded);
  const unbounded = [...rules, ...others.flatMap(internetRules)].filter(isUnbounded);
  return PortSet.unionAll(unbounded.map(({ rule }) => rule.ports)).hasAll(protocol);
}

function isUnbounded({ rule }: InternetRule): boolean {
  return rule.peers === 'any';
}
