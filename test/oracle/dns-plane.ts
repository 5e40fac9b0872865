import { answerOf, type Expectation, only } from './expectation.ts';
import type { PolicyManifest, World } from './manifest.ts';
import { egressRules, isolates, matchesPod, opensNumber, opensPortOf, picks, type Transport } from './matching.ts';
import { DNS_POD, dnsPortNames, type PlainLabels, PODS, type PodDestination } from './places.ts';
import { policiesAfter, policiesBefore } from './states.ts';

const values = [undefined, 'a', 'b', 'fresh'];
const teams = values.map((team): PlainLabels => (team === undefined ? {} : { team }));

/** Every kind of client: any pod of any namespace, known or new. */
const CLIENTS: readonly PodDestination[] = ['shop', 'kube-system', 'brand-new'].flatMap((namespace) =>
  teams.flatMap((team) =>
    PODS.map((labels) => ({
      namespace,
      namespaceLabels: { ...team, 'kubernetes.io/metadata.name': namespace },
      labels,
    })),
  ),
);

const selecting = (policies: readonly PolicyManifest[], direction: 'Ingress' | 'Egress') =>
  policies.filter((policy) => isolates(policy, direction) && picks(policy.spec.podSelector, DNS_POD.labels));

/** cutOff lists who may not ask the DNS servers, as indexes of clients per protocol. */
function cutOff(policies: readonly PolicyManifest[], world: World): Set<string> {
  const isolating = selecting(policies, 'Ingress');
  if (isolating.length === 0) return new Set();
  const rules = isolating.flatMap((policy) => policy.spec.ingress ?? []);
  const names = dnsPortNames(world.dnsPort);
  return new Set(
    (['UDP', 'TCP'] as const).flatMap((protocol: Transport) => {
      const open = rules.filter((rule) => opensPortOf(rule, protocol, world.dnsPort, names));
      const served = (client: PodDestination) =>
        open.some(({ from = [] }) => from.length === 0 || from.some((peer) => matchesPod(peer, 'kube-system', client)));
      return CLIENTS.flatMap((client, i) => (served(client) ? [] : [`${protocol} ${i}`]));
    }),
  );
}

/** silenced holds where the DNS servers are isolated for egress with nothing allowed on port 53. */
function silenced(policies: readonly PolicyManifest[]): boolean {
  if (selecting(policies, 'Egress').length === 0) return false;
  const rules = egressRules(policies, DNS_POD.labels);
  return !rules.some((rule) => opensNumber(rule, 'UDP', 53) || opensNumber(rule, 'TCP', 53));
}

/** dnsPlane says what the contract expects of `dns-servers-isolated`. */
export function dnsPlane(world: World): Expectation {
  const { after } = world;
  const [now, was] = [policiesAfter(world), policiesBefore(world)];
  const [cut, cutBefore] = [cutOff(now, world), cutOff(was, world)];
  const faulty = { Ingress: cut.size > 0, Egress: silenced(now) };
  const contributes = (['Ingress', 'Egress'] as const).some(
    (direction) => faulty[direction] && after !== undefined && selecting([after], direction).length > 0,
  );
  if (world.operation === 'AUDIT') return only(answerOf(contributes, true));
  const isWorse = [...cut].some((client) => !cutBefore.has(client)) || (faulty.Egress && !silenced(was));
  return only(answerOf(contributes || isWorse, isWorse));
}
