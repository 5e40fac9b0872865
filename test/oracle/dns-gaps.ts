import { atomsOfBlock } from './atoms.ts';
import { type Answer, answerOf, type Expectation, only, strongest } from './expectation.ts';
import type { PolicyManifest, RuleManifest, World } from './manifest.ts';
import {
  addressesOf,
  goesAnywhere,
  isolates,
  matchesPod,
  opensNumber,
  opensPortOf,
  type Transport,
} from './matching.ts';
import { DNS_ADDRESSES, DNS_POD, DNS_PODS_TO_COME, dnsPortNames } from './places.ts';
import { type PodState, podStates, policiesAfter } from './states.ts';

/**
 * Through an ipBlock alone, or a label that the DNS Service does not select by, DNS is reached on some network plugins:
 * `maybe`, neither covered nor blocked.
 */
type Reach = 'yes' | 'no' | 'maybe';

const TRANSPORTS: readonly Transport[] = ['UDP', 'TCP'];

const dnsAddresses = DNS_ADDRESSES.map((cidr) => atomsOfBlock(cidr)).reduce((all, one) => all | one, 0n);

/** A named port opens no ipBlock; by address a plugin may check the Service's port, 53, or the pods'. */
function reach(rules: readonly RuleManifest[], world: World, protocol: Transport): Reach {
  const names = dnsPortNames(world.dnsPort);
  const open = rules.filter((rule) => opensPortOf(rule, protocol, world.dnsPort, names));
  const peers = open.flatMap(({ to = [] }) => to);
  const surely = peers.some((peer) => DNS_PODS_TO_COME.every((pod) => matchesPod(peer, world.namespace, pod)));
  if (surely || open.some(goesAnywhere)) return 'yes';
  if (peers.some((peer) => matchesPod(peer, world.namespace, DNS_POD))) return 'maybe';
  const perhaps = rules.some(
    (rule) =>
      !goesAnywhere(rule) &&
      (addressesOf(rule) & dnsAddresses) !== 0n &&
      [53, world.dnsPort].some((port) => opensNumber(rule, protocol, port)),
  );
  return perhaps ? 'maybe' : 'no';
}

/** Subject is a pod over one protocol. */
interface Subject {
  readonly reach: Reach;
  /** Holds where it is without DNS, and was not, or not isolated, before. */
  readonly isNewInGap: boolean;
}

function subjectOf(state: PodState, world: World, protocol: Transport): Subject {
  const after = reach(state.after, world, protocol);
  const wasInGap = state.isolatedBefore && reach(state.before, world, protocol) === 'no';
  return { reach: after, isNewInGap: after === 'no' && (world.operation === 'AUDIT' || !wasInGap) };
}

export const GAP_RULES = [
  'dns-blocked',
  'dns-over-udp-blocked',
  'dns-over-tcp-blocked',
  'dns-partly-blocked',
  'dns-depends-on-cni',
] as const;

type GapRule = (typeof GAP_RULES)[number];

/** faults lists what the contract calls the gap, with the protocols that it is about. */
function faults(over: Readonly<Record<Transport, readonly Subject[]>>): ReadonlyMap<GapRule, readonly Transport[]> {
  const is = (protocol: Transport, ...reaches: Reach[]) => over[protocol].some((pod) => reaches.includes(pod.reach));
  const lost = TRANSPORTS.filter((protocol) => !is(protocol, 'yes', 'maybe'));
  const partly = TRANSPORTS.filter((protocol) => is(protocol, 'no') && is(protocol, 'yes', 'maybe'));
  const byPlugin = TRANSPORTS.filter((protocol) => is(protocol, 'maybe'));
  const found = new Map<GapRule, readonly Transport[]>();
  if (lost.length === 2) return found.set('dns-blocked', lost);
  if (lost.length === 1) found.set(lost[0] === 'UDP' ? 'dns-over-udp-blocked' : 'dns-over-tcp-blocked', lost);
  if (partly.length > 0) found.set('dns-partly-blocked', partly);
  return byPlugin.length > 0 ? found.set('dns-depends-on-cni', byPlugin) : found;
}

/** gapsOf says of each rule what becomes of the pods of one isolating policy. */
function gapsOf(policy: PolicyManifest, world: World): (rule: GapRule) => Answer {
  const states = isolates(policy, 'Egress') ? podStates(world, policy) : [];
  if (states.length === 0) return () => 'absent';
  const over = (protocol: Transport) => states.map((state) => subjectOf(state, world, protocol));
  const subjects = { UDP: over('UDP'), TCP: over('TCP') };
  const found = faults(subjects);
  return (rule) => {
    const protocols = found.get(rule) ?? [];
    const isAdvice = rule === 'dns-depends-on-cni';
    const isWorse = protocols.some((protocol) => subjects[protocol].some(({ isNewInGap }) => isNewInGap));
    // Of the policies that the change leaves alone, what is no worse is not told, and no advice is given.
    if (policy !== world.after) return isWorse && !isAdvice ? 'blamed' : 'absent';
    return answerOf(protocols.length > 0, isAdvice || isWorse);
  };
}

/** dnsGaps says what the contract expects of the rules about missing DNS. */
export function dnsGaps(world: World): Readonly<Record<string, Expectation>> {
  const judged = world.operation === 'AUDIT' ? [world.after].filter((one) => one !== undefined) : policiesAfter(world);
  const gaps = judged.map((policy) => gapsOf(policy, world));
  return Object.fromEntries(GAP_RULES.map((rule) => [rule, only(strongest(gaps.map((gap) => gap(rule))))]));
}

/** isTolerated holds where `noEgressAtAll` applies: a selector that is not empty, and subjects that may connect nowhere. */
export function isTolerated(world: World): boolean {
  if (world.after === undefined || Object.keys(world.after.spec.podSelector).length === 0) return false;
  return podStates(world, world.after).every(({ after }) => after.length === 0);
}
