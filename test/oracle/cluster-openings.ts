import type { LaneOpenings } from './address-openings.ts';
import { type Answer, answerOf, type Expectation, joined, only } from './expectation.ts';
import type { PeerManifest, RuleManifest, World } from './manifest.ts';
import { goesAnywhere, isolates, matchesPod, opensName, opensNumber, picks, type Transport } from './matching.ts';
import { DESTINATIONS, DNS_SELECTOR, dnsPortNames, type PodDestination, podOfNewNamespace } from './places.ts';
import { podStates } from './states.ts';
import { PORT_SAMPLES } from './vocabulary.ts';

/**
 * Way is a port that the rule is about: the number 53, or a name of DNS pods' ports. They are different grants: which
 * number a name stands for, each destination decides.
 */
interface Way {
  readonly protocol: Transport;
  readonly name?: string;
}

const WAYS: readonly Way[] = (['UDP', 'TCP'] as const).flatMap((protocol) => [
  { protocol },
  ...dnsPortNames(53)
    .filter((named) => named.protocol === protocol)
    .map(({ name }) => ({ protocol, name })),
]);

const opens = (rule: RuleManifest, { protocol, name }: Way) =>
  name === undefined ? opensNumber(rule, protocol, 53) : opensName(rule, protocol, name);

/** A selector for pods of arbitrary namespaces: one that nobody mentioned, all its pods or those with DNS pods' labels. */
function isArbitrary({ namespaceSelector, podSelector = {} }: PeerManifest): boolean {
  const { namespaceLabels } = podOfNewNamespace({});
  if (namespaceSelector === undefined || !picks(namespaceSelector, namespaceLabels)) return false;
  return picks(podSelector, {}) || picks(podSelector, DNS_SELECTOR);
}

/** tenants returns the destinations that a rule opens to arbitrary namespaces. */
function tenants(rule: RuleManifest, home: string): readonly PodDestination[] {
  if (goesAnywhere(rule)) return DESTINATIONS;
  const peers = (rule.to ?? []).filter(isArbitrary);
  return DESTINATIONS.filter((to) => peers.some((peer) => matchesPod(peer, home, to)));
}

/** granted says whether rules let a pod connect. A port by name is granted by a rule that lists it or opens every port. */
function granted(rules: readonly RuleManifest[], home: string, to: PodDestination, way: Way): boolean {
  return rules.some(
    (rule) => opens(rule, way) && (goesAnywhere(rule) || rule.to?.some((peer) => matchesPod(peer, home, to))),
  );
}

/**
 * reportedWith says what a reported opening to anywhere that has no `to`, so that pods are a part of it, was found to be.
 * An opening of port 53 holds no port by name; one of ports by name does, and one of every port. Where other policies add to one of every port,
 * either is accepted, as in `sparedBy`.
 */
function reportedWith(own: readonly RuleManifest[], lanes: readonly LaneOpenings[], way: Way): Expectation {
  const unbounded = own.filter(goesAnywhere);
  const opensPort = (port: number) => unbounded.some((rule) => opensNumber(rule, way.protocol, port));
  const inProtocol = lanes.filter(({ lane }) => lane.protocol === way.protocol);
  const everyPort = joined(inProtocol.map((lane) => lane['egress-open-to-anywhere']));
  if (PORT_SAMPLES.every(opensPort)) return everyPort;
  const { name } = way;
  if (name !== undefined && unbounded.some((rule) => opensName(rule, way.protocol, name))) {
    return joined(inProtocol.map(({ names }) => names));
  }
  const isReported = way.name === undefined && opensPort(53);
  const dns = isReported ? joined(inProtocol.map((lane) => lane['dns-open-to-anywhere'])) : only('absent');
  const isShared = PORT_SAMPLES.some(opensPort) && inProtocol.some((lane) => lane.isShared);
  return isShared ? new Set([...dns, ...everyPort]) : dns;
}

/** What stood before hides nothing that is new. */
function unlessReported(answer: Answer, reported: Answer): Answer {
  return reported === 'blamed' || (reported === 'standing' && answer === 'standing') ? 'absent' : answer;
}

/** clusterOpening says what the contract expects of `dns-open-to-cluster`. */
export function clusterOpening(world: World, lanes: readonly LaneOpenings[]): Expectation {
  const { after, namespace: home } = world;
  if (after === undefined || !isolates(after, 'Egress')) return only('absent');
  const own = after.spec.egress ?? [];
  return joined(
    WAYS.map((way) => {
      const to = [...new Set(own.filter((rule) => opens(rule, way)).flatMap((rule) => tenants(rule, home)))];
      const isFresh = podStates(world, after).some(({ before }) => to.some((one) => !granted(before, home, one, way)));
      const answer = answerOf(to.length > 0, world.operation === 'AUDIT' || isFresh);
      return new Set([...reportedWith(own, lanes, way)].map((reported) => unlessReported(answer, reported)));
    }),
  );
}
