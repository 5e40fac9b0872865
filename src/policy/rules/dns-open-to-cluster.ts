import type { LabelSelector } from '../../sets/label-selector.ts';
import { pinnedDns } from '../dns/allow-dns.ts';
import { PodGrants } from '../dns/pod-grants.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { describePeer, listOf } from '../model/describe.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { AllowRule, Peer, Policy } from '../model/policy.ts';
import { nameReported } from '../openings/named-ports.ts';
import { type PodsReport, podsReported } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsOpenToCluster = defineRule({
  id: 'dns-open-to-cluster',
  title: 'Port 53 open to any namespace',
  level: 'strict',
  turn: 'first',
  docs: {
    why: `A namespaceSelector that would pick a namespace of any name, such as \`{}\`, lets a tenant run a resolver of its own and have
every pod of the cluster talk to it: the tunnel out begins next door. It does not help to ask for \`k8s-app: kube-dns\` as
well, since anyone who may create a pod may give it that label. Only \`kubernetes.io/metadata.name\` cannot be given or
taken away. A port by name (\`dns\`) without a \`to\` is worse than that: [named-port-to-anywhere](named-port-to-anywhere.md).`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
    ],
  },
  *check(situation) {
    const { policy, reaches } = situation;
    const world = reaches[0]?.world;
    if (policy === undefined || policy.subject.isEmpty || world === undefined) return;
    const tenants = policy.egress.flatMap((rule) => tenantPeers(situation, rule));
    if (tenants.length === 0) return;
    const unreported = waysOf(situation).filter(({ report }) => report !== 'blamed');
    const open = tenants.flatMap((peer) => openFor(peer, unreported));
    if (open.length === 0) return;
    const before = new GrantsBefore(situation, policy);
    for (const { rule, path, peers, text, ways } of open) {
      const found = ways
        .map((way) => ({ way, isNew: !before.hold(way, peers) }))
        .filter(({ way, isNew }) => isNew || way.report === 'not');
      if (found.length === 0) continue;
      const protocols = DNS_PROTOCOLS.filter((protocol) => found.some(({ way }) => way.protocol === protocol));
      yield {
        path,
        message: `opens DNS over ${listOf(protocols)} to ${text}, so any tenant can run a resolver that the pods may talk to`,
        fix: pinnedDns(rule, world, situation.vocabulary),
        blamed: found.some(({ isNew }) => isNew),
      };
    }
  },
});

/** Way is a port by which a policy can mean DNS. A number and a name are different grants: each pod names its own ports. */
interface Way {
  readonly protocol: DnsProtocol;
  readonly port: number | string;
  /** How it was reported as open to anywhere. */
  readonly report: PodsReport;
}

function waysOf(situation: Situation): readonly Way[] {
  const { settings, reaches } = situation;
  const servers = reaches.flatMap(({ world }) => world.servers);
  return DNS_PROTOCOLS.flatMap((protocol) => {
    const names = servers.flatMap(({ ports }) => (protocol === 'UDP' ? ports.udpNames : ports.tcpNames));
    const ports = [...settings.dns.ports, ...new Set(names)];
    return ports.map((port) => ({ protocol, port, report: reportOf(situation, protocol, port) }));
  });
}

/** A name that is open to anywhere is reported as that, by one rule or another. */
function reportOf(situation: Situation, protocol: DnsProtocol, port: Way['port']): PodsReport {
  const report = podsReported(situation, protocol, port);
  if (typeof port === 'number' || report === 'blamed') return report;
  const byName = nameReported(situation, protocol, port);
  return byName === 'not' ? report : byName;
}

function isOpen({ ports }: AllowRule, { protocol, port }: Way): boolean {
  return typeof port === 'number' ? ports.has(protocol, port) : ports.hasName(protocol, port);
}

/** What is being deleted excuses nothing. */
const GRANTED: PolicyClass = { includes: (policy) => policy.egress.length > 0 && !policy.deleting };

/** GrantsBefore is what was open to pods before the change, for each way. */
class GrantsBefore {
  private readonly situation: Situation;
  private readonly policy: Policy;
  private readonly policies: readonly Policy[];
  private readonly known = new Map<string, PodGrants>();

  constructor(situation: Situation, policy: Policy) {
    this.situation = situation;
    this.policy = policy;
    this.policies = situation.isNarrowed ? [] : [...situation.before.selecting(GRANTED, policy.subject)];
  }

  hold(way: Way, peers: AllowRule['peers']): boolean {
    if (this.situation.isNarrowed) return true;
    const key = `${way.protocol} ${way.port}`;
    const { namespace } = this.policy.ref;
    const grants =
      this.known.get(key) ??
      new PodGrants(this.policies, namespace, (rule) => isOpen(rule, way), this.situation.budget);
    this.known.set(key, grants);
    return grants.hold(this.policy.subject, peers);
  }
}

interface TenantPeer {
  readonly rule: AllowRule;
  readonly path: string;
  readonly peers: AllowRule['peers'];
  readonly text: string;
}

/** tenantPeers returns the peers of a rule that any tenant can be; a rule without `to` is one. */
function tenantPeers(situation: Situation, rule: AllowRule): readonly TenantPeer[] {
  if (rule.peers === 'any') return [{ rule, path: rule.path, peers: 'any', text: 'every pod of every namespace' }];
  return rule.peers
    .filter((peer) => picksAnyNamespace(peer) && picksTenantPods(situation, peer))
    .map((peer) => ({ rule, path: peer.path, peers: [peer], text: describePeer(peer) }));
}

function openFor(peer: TenantPeer, unreported: readonly Way[]): readonly (TenantPeer & { ways: readonly Way[] })[] {
  const ways = unreported.filter((way) => isOpen(peer.rule, way));
  return ways.length === 0 ? [] : [{ ...peer, ways }];
}

/** picksAnyNamespace asks for a namespace that nobody mentioned, with no labels but the one that the API server sets. */
function picksAnyNamespace(peer: Peer): boolean {
  if (peer.kind !== 'pods' || peer.namespaces === 'own') return false;
  const mentioned = peer.namespaces.constraints.get(NAMESPACE_NAME)?.values ?? new Set();
  let name = 'tenant';
  while (mentioned.has(name)) name += '-x';
  return peer.namespaces.matches(new Map([[NAMESPACE_NAME, name]]));
}

/** All pods, or pods that carry the labels of DNS pods, which any tenant can give. */
function picksTenantPods({ reaches }: Situation, peer: Peer): boolean {
  if (peer.kind !== 'pods') return false;
  if (peer.pods.matches(new Map())) return true;
  return reaches.some(({ world }) =>
    world.servers.some(
      (server) =>
        server.kind === 'pods' &&
        (carries(server.pods, peer.pods) || (server.livePods ?? []).some((labels) => peer.pods.matches(labels))),
    ),
  );
}

function carries(dnsPods: LabelSelector, selector: LabelSelector): boolean {
  return !dnsPods.isEmpty && selector.matches(dnsPods.example());
}
