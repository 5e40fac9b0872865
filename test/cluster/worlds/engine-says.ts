import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { dnsGap } from '../../../src/policy/dns/gap.ts';
import { type DnsPlane, dnsPlane } from '../../../src/policy/dns/plane.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { DnsPods } from '../../../src/policy/model/dns-server.ts';
import { NamespacePolicies } from '../../../src/policy/model/namespace-policies.ts';
import type { Policy } from '../../../src/policy/model/policy.ts';
import { PolicyState } from '../../../src/policy/model/policy-state.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../../../src/policy/model/snapshot.ts';
import { policyAddresses } from '../../../src/policy/openings/internet-rules.ts';
import { situationOf } from '../../../src/policy/situation/situation.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { Budget } from '../../../src/sets/budget.ts';
import { addressesOf } from '../../../src/sets/cidr.ts';
import type { Labels } from '../../../src/sets/label-selector.ts';
import { dnsFacts } from '../../oracle/engine.ts';
import type { Transport } from '../../oracle/matching.ts';
import { DNS_POD, type PlainLabels } from '../../oracle/places.ts';
import { SETTINGS } from '../../unit/policy/fixtures.ts';
import { CLIENT_NAMESPACES, DNS_PLACE, DNS_SERVICE, OUTSIDE, SERVICE_RANGE } from '../light/places.ts';
import { clientIn, labelsOf, policiesOf, type Question, type World } from './world.ts';

/** Answer is what the engine says of a question; `plugin` where it says that network plugins differ. */
export type Answer = 'yes' | 'no' | 'plugin';

const settings: Settings = {
  ...SETTINGS,
  modes: { enforce: 'strict', warn: 'strict', audit: 'strict' },
  dnsBlocked: { onWrite: 'deny', onDelete: 'deny', noEgressAtAll: 'warn', graceMs: 0 },
};

/** The keys of the labels that pods of drawn worlds carry, or do not. */
const POD_KEYS = ['app', 'role', 'k8s-app', 'pod-template-hash'];

const LEAKS: ReadonlySet<string> = new Set([
  'dns-open-to-anywhere',
  'egress-open-to-anywhere',
  'dns-open-to-outside-resolver',
]);

const outside = {
  documentation: addressesOf(`${OUTSIDE.documentation}/32`),
  public: addressesOf(`${OUTSIDE.public}/32`),
};

const mapOf = (labels: PlainLabels): Labels => new Map(Object.entries(labels));

/** EngineSays asks the engine about one world, as its rules would: for the labels of one pod at a time. */
export class EngineSays {
  private readonly world: World;
  private readonly policies: ReadonlyMap<string, NamespacePolicies>;
  private readonly snapshot: ClusterSnapshot;
  private readonly plane: DnsPlane;

  constructor(world: World) {
    this.world = world;
    this.policies = new Map(
      [...CLIENT_NAMESPACES, DNS_PLACE.namespace].map((namespace) => [namespace, compile(world, namespace)]),
    );
    this.snapshot = snapshotOf(world, this.policies);
    const server = this.snapshot.dns.worlds[0]?.servers[0] as DnsPods;
    const state = new PolicyState(this.policiesOf(DNS_PLACE.namespace), {});
    const labels = mapOf(DNS_POD.labels);
    this.plane = dnsPlane(state, server, ({ subject }) => subject.matches(labels), settings.dns.ports);
  }

  answer({ client, target, transport }: Question): Answer {
    const pod = clientIn(this.world, client);
    const labels = mapOf(pod.labels);
    const selecting = [...this.policiesOf(pod.namespace).all()].filter(({ subject }) => subject.matches(labels));
    const isolating = selecting.filter(({ isolatesEgress }) => isolatesEgress);
    if (target === 'documentation') return opensDirectly(isolating, transport) ? 'yes' : 'no';
    if (target === 'public') return this.opensPublicly(isolating, pod.namespace, transport) ? 'yes' : 'no';
    const egress = isolating.length === 0 ? 'yes' : this.egressToDns(pod.namespace, pod.labels, transport);
    return weaker(egress, this.ingressToDns(pod.namespace, labels, transport));
  }

  /** A policy for just this pod is judged beside those that stand; what is found of it must say the same as the sets. */
  private egressToDns(namespace: string, labels: PlainLabels, transport: Transport): Answer {
    const change = { operation: 'AUDIT', namespace, after: readNetworkPolicy(question(labels), namespace) } as const;
    const situation = situationOf(change, this.snapshot, settings);
    const [reach] = situation.reaches;
    if (reach === undefined) throw new Error('the engine knows no DNS servers');
    const { over } = dnsGap(situation.after, change.after.subject, reach, situation.budget);
    const found = new Set(evaluate(change, this.snapshot, settings, 0).findings.map(({ rule }) => rule));
    const said = {
      'dns-blocked': over.UDP.perhaps === 'none' && over.TCP.perhaps === 'none',
      'dns-over-udp-blocked': over.UDP.perhaps === 'none' && over.TCP.perhaps !== 'none',
      'dns-over-tcp-blocked': over.TCP.perhaps === 'none' && over.UDP.perhaps !== 'none',
      'dns-depends-on-cni': [over.UDP, over.TCP].some(
        ({ reached, doubts }) => reached === 'none' && doubts.has('plugin'),
      ),
      'dns-partly-blocked': false,
    };
    for (const [rule, holds] of Object.entries(said)) {
      if (found.has(rule) !== holds) throw new Error(`the engine's sets say ${rule}: ${holds}, its findings do not`);
    }
    const { reached, perhaps, doubts } = over[transport];
    if (reached === 'all') return 'yes';
    if (perhaps === 'none') return 'no';
    if (perhaps === 'all' && doubts.has('plugin') && !doubts.has('unsure')) return 'plugin';
    throw new Error(`one pod, all labels known, and the engine says: ${reached}, perhaps ${perhaps}`);
  }

  private ingressToDns(namespace: string, labels: Labels, transport: Transport): Answer {
    if (!this.plane.isolatedForIngress) return 'yes';
    // As peerSelectors spells the labels of a pod and of its namespace.
    const prefixed = (prefix: string, of: Labels) =>
      [...of].map(([key, value]) => [`${prefix} ${key}`, value] as const);
    const client = new Map([
      ...prefixed('namespace', mapOf(labelsOf(this.world, namespace))),
      ...prefixed('pod', labels),
    ]);
    if (this.plane.clients[transport].some((selector) => selector.matches(client))) return 'yes';
    return this.plane.byAddress ? 'plugin' : 'no';
  }

  /** What is open must be found by a rule, with one policy of the pod at least; what no rule finds must not be open. */
  private opensPublicly(isolating: readonly Policy[], namespace: string, protocol: Transport): boolean {
    if (isolating.length === 0) return true;
    const aim = { protocol, port: 53, family: 4 } as const;
    const isOpen = isolating.some((policy) => policyAddresses(policy, aim, new Budget()).intersects(outside.public));
    const found = isolating.flatMap((after) => {
      const { findings } = evaluate({ operation: 'AUDIT', namespace, after }, this.snapshot, settings, 0);
      return findings.filter(({ rule }) => LEAKS.has(rule));
    });
    if (isOpen && found.length === 0)
      throw new Error(`the engine's sets say that ${OUTSIDE.public} is open, no finding does`);
    return isOpen;
  }

  private policiesOf(namespace: string): NamespacePolicies {
    return this.policies.get(namespace) ?? new NamespacePolicies();
  }
}

function compile(world: World, namespace: string): NamespacePolicies {
  const policies = new NamespacePolicies();
  for (const manifest of policiesOf(world, namespace)) {
    policies.set(manifest.metadata.name, readNetworkPolicy(manifest, namespace));
  }
  return policies;
}

function snapshotOf(world: World, policies: ReadonlyMap<string, NamespacePolicies>): ClusterSnapshot {
  const facts = (name: string): NamespaceFacts => ({
    name,
    labels: mapOf(labelsOf(world, name)),
    labelsKnown: true,
    terminating: false,
  });
  const namespaces = new Map([...policies.keys()].map((name) => [name, facts(name)]));
  const addresses = addressesOf(`${DNS_PLACE.address}/32`, `${DNS_SERVICE}/32`);
  return {
    namespace: (name) => namespaces.get(name),
    policies: (name) => policies.get(name) ?? new NamespacePolicies(),
    namespacesWithPolicies: () => policies.keys(),
    dns: dnsFacts(world.dnsPort, addresses, namespaces),
    services: { ranges: addressesOf(SERVICE_RANGE), apiServerEndpoints: [] },
    unreadablePolicies: () => [],
    otherPolicies: () => [],
  };
}

/** question is a policy that selects pods with these labels and none of the other keys, and allows nothing. */
function question(labels: PlainLabels): unknown {
  const absent = POD_KEYS.filter((key) => labels[key] === undefined);
  const matchExpressions = absent.map((key) => ({ key, operator: 'DoesNotExist' }));
  return {
    metadata: { name: 'question' },
    spec: { podSelector: { matchLabels: labels, matchExpressions }, policyTypes: ['Egress'] },
  };
}

/** An address that is not globally routable is of no rule's concern; what the policies were read as still says it. */
function opensDirectly(isolating: readonly Policy[], transport: Transport): boolean {
  if (isolating.length === 0) return true;
  const open = isolating.flatMap(({ egress }) => egress).filter(({ ports }) => ports.has(transport, 53));
  const everywhere = open.some(({ peers }) => peers === 'any');
  const blocks = open.flatMap(({ peers }) => (peers === 'any' ? [] : peers));
  const addresses = blocks.flatMap((peer) => (peer.kind === 'addresses' ? [peer.addresses] : []));
  return everywhere || AddressSet.unionAll(addresses).intersects(outside.documentation);
}

function weaker(a: Answer, b: Answer): Answer {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'plugin' || b === 'plugin' ? 'plugin' : 'yes';
}
