import { dnsServersText } from '../dns/allow-dns.ts';
import { addDns } from '../dns/dns-fix.ts';
import { type HeldAddress, presetHolding } from '../dns/presets.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { type DnsLoss, dnsLosses } from '../gaps/loss.ts';
import { describePeer, describePolicy, describeSubject, listOf } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { type Fix, fixFrom } from '../model/fix.ts';
import type { Peer, Policy } from '../model/policy.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsDependsOnCni = defineRule({
  id: 'dns-depends-on-cni',
  since: 'v0.1',
  title: 'DNS that works on some network plugins only',
  level: 'advice',
  docs: {
    why: `Whether an \`ipBlock\` matches traffic to a pod or a Service within the cluster depends on the network plugin. Some plugins
check before the Service's address is translated to a pod's address, most check after, and Cilium matches no pod by address
at all. So \`10.96.0.10/32\` opens DNS on one cluster and nothing on the next. With the controller of K3s, a block with the
DNS Service's address opens no DNS, but a block with the pods' range does.

A label that the DNS pods carry, and that the DNS Service does not select by, is uncertain too: the AWS VPC CNI lets pods
reach a Service if the Service's own selector fits the peer.

The labels by which the Service selects work everywhere. Use a block only where no selector can name the server, such as a
node-local cache or a cloud's resolver. Such servers count once \`dns.servers\` lists them, or a preset such as
\`gke-cloud-dns\` or \`aks-local-dns\` is set.`,
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
        - ipBlock: {cidr: 10.96.0.10/32}
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
        - ipBlock: {cidr: 10.96.0.10/32}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
      'https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based',
    ],
  },
  check(situation) {
    const loss = dnsLosses(situation).find(({ policy }) => policy === situation.policy);
    // For servers that no selector can name, there is no better advice.
    if (loss === undefined || loss.gap.reach.world.servers.every(({ kind }) => kind === 'addresses')) return [];
    const protocols = DNS_PROTOCOLS.filter((protocol) => hangsOnPlugin(situation, loss, protocol));
    const [first] = protocols;
    if (first === undefined) return [];
    const way = wayOf(situation, loss, first);
    const words = way && wordsFor(way, loss, protocols);
    if (words === undefined) return [];
    const { policy, gap } = loss;
    return [
      {
        path: way?.owner === policy ? words.path : 'spec.podSelector',
        headline: words.headline,
        why: words.why,
        short: words.short,
        fix: presetFix(words.held, fixFrom(addDns([policy], gap.reach.world, policy))),
        blamed: true,
      },
    ];
  },
});

/** Way is how a policy lets pods reach DNS by peers that are not sure to work. */
interface Way {
  readonly owner: Policy;
  readonly peers: readonly [Peer, ...Peer[]];
}

interface Words extends Pick<Issue, 'path' | 'headline' | 'why' | 'short'> {
  /** Present where all of the addresses are those of another resolver than the one that is missing. */
  readonly held: HeldAddress | undefined;
}

function wordsFor({ owner, peers }: Way, { policy, gap }: DnsLoss, protocols: readonly DnsProtocol[]): Words {
  const [{ path }] = peers;
  const of = owner === policy ? '' : ` of ${describePolicy(owner)}`;
  const dns = `${dnsServersText(gap.reach.world)} over ${protocols.join(' and ')}`;
  const held = heldBy(peers);
  const paths = someOf(peers.map((peer) => peer.path));
  const names = `${paths}${of} ${peers.length === 1 ? 'names' : 'name'} ${someOf(peers.map(describePeer))}`;
  if (held !== undefined) {
    const what = `${names} (${held.resolver} on some clusters)`;
    const elsewhere = `othing lets these pods reach ${dns} elsewhere`;
    const headline = 'reaches DNS on some clusters only';
    return { path, held, headline, why: `${what}. N${elsewhere}.`, short: `${what}; n${elsewhere}` };
  }
  const whom = owner === policy ? ownPods(gap, protocols) : ` of ${describeSubject(owner)}`;
  const ways = `the only ${peers.length === 1 ? 'way' : 'ways'}${whom} to ${dns}`;
  const isByLabels = peers.every(({ kind }) => kind === 'pods');
  const why = isByLabels ? BY_LABELS : 'Whether an ipBlock matches the DNS pods depends on the network plugin.';
  const short = isByLabels
    ? `${names}; the DNS Service selects by other labels, and some plugins go by those`
    : `${names}, ${ways}, and network plugins differ on addresses`;
  return {
    path,
    held: undefined,
    headline: 'reaches DNS on some network plugins only',
    why: `${names}, ${ways}. ${why}`,
    short,
  };
}

/** That every DNS pod carries the labels now is not enough (aws/amazon-network-policy-controller-k8s, endpoints.go). */
const BY_LABELS =
  'The DNS Service selects its pods by other labels, and some network plugins, such as the AWS VPC CNI, go by those.';

/** Others of the pods may have a surer way, by another policy. */
function ownPods({ over }: DnsLoss['gap'], protocols: readonly DnsProtocol[]): string {
  return protocols.some((protocol) => over[protocol].reached !== 'none') ? ' of some of these pods' : '';
}

function someOf(items: readonly string[]): string {
  return items.length > 2 ? `${items[0]} and ${items.length - 1} more` : listOf(items);
}

function heldBy(peers: readonly Peer[]): HeldAddress | undefined {
  const held = peers.map((peer) => (peer.kind === 'addresses' ? presetHolding(peer.addresses) : undefined));
  return held.every((one) => one?.preset === held[0]?.preset) ? held[0] : undefined;
}

/** There is no selector for a cloud's resolver or for a cache on the nodes. */
function presetFix(held: HeldAddress | undefined, fix: Fix): Fix {
  if (held === undefined) return fix;
  const [byName, ...others] = fix.steps;
  const ask = `If pods ask that address, have your platform team set dns.presets: [${held.preset}]`;
  return { steps: [{ ...byName, text: `${ask}. Otherwise ${lowered(byName.text)}` }, ...others] };
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Some subjects have a way that depends on the plugin, and none that is certain. */
function hangsOnPlugin(situation: Situation, loss: DnsLoss, protocol: DnsProtocol): boolean {
  const { reached, doubts } = loss.gap.over[protocol];
  return reached !== 'all' && doubts.has('plugin') && ownersOf(situation, loss, protocol).next().done !== true;
}

/** The policies that are a way by plugin for some subjects that have none that is sure. */
function* ownersOf({ after, budget }: Situation, { policy, gap }: DnsLoss, protocol: DnsProtocol): Generator<Policy> {
  const sure = [gap.reach.policiesThat('yes', protocol)];
  for (const other of after.selecting(gap.reach.policiesThat('plugin', protocol), policy.subject)) {
    if (after.covers(policy.subject.intersect(other.subject), sure, budget).kind !== 'covered') yield other;
  }
}

/** The way of the policy itself comes first. */
function wayOf(situation: Situation, loss: DnsLoss, protocol: DnsProtocol): Way | undefined {
  const own = pluginPeers(loss.policy, loss, protocol);
  const [first, ...others] = own;
  if (first !== undefined) return { owner: loss.policy, peers: [first, ...others] };
  for (const owner of ownersOf(situation, loss, protocol)) {
    const [peer, ...more] = pluginPeers(owner, loss, protocol);
    if (peer !== undefined) return { owner, peers: [peer, ...more] };
  }
  return undefined;
}

/** Those of all rules; more than a few are only counted. */
function pluginPeers({ egress, ref }: Policy, { gap }: DnsLoss, protocol: DnsProtocol): readonly Peer[] {
  return egress.flatMap((rule) => {
    const reachOf = (peers: readonly Peer[]) => gap.reach.ofRule({ ...rule, peers }, ref.namespace, protocol);
    if (rule.peers === 'any' || reachOf(rule.peers) !== 'plugin') return [];
    return rule.peers.filter((peer) => reachOf([peer]) === 'plugin');
  });
}
