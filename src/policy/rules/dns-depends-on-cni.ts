import { dnsServersText } from '../dns/allow-dns.ts';
import { addDns } from '../dns/dns-fix.ts';
import { presetHolding } from '../dns/presets.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { type DnsLoss, dnsLosses } from '../gaps/loss.ts';
import { describePeer, describePolicy, describeSubject } from '../model/describe.ts';
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

Selectors work everywhere. Use a block only where no selector can name the server, such as a node-local cache or a cloud's
resolver. Such servers count once \`dns.servers\` lists them, or a preset such as \`gke-cloud-dns\` or \`aks-local-dns\`
is set.`,
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
    const { policy, gap } = loss;
    const own = pluginPeer(policy, loss, first);
    const elsewhere = own === undefined ? otherWay(situation, loss, first) : undefined;
    const { world } = gap.reach;
    const dns = `${dnsServersText(world)} over ${protocols.join(' and ')}`;
    const way =
      own === undefined
        ? `${elsewhere} is the only way for ${describeSubject(policy)} to reach ${dns}, by an address or an uncertain label`
        : `${own.path} names ${describePeer(own)}, the only way to ${dns}`;
    return [
      {
        path: own?.path ?? 'spec.podSelector',
        headline: 'reaches DNS on some network plugins only',
        why: `${way}. Whether it works depends on the network plugin.`,
        short: `${way}, and whether it works depends on the network plugin`,
        fix: presetFix(own, fixFrom(addDns([policy], world, policy))),
        blamed: true,
      },
    ];
  },
});

/** There is no selector for a cloud's resolver or for a cache on the nodes. */
function presetFix(own: Peer | undefined, fix: Fix): Fix {
  const preset = own?.kind === 'addresses' ? presetHolding(own.addresses) : undefined;
  if (preset === undefined) return fix;
  const [byName, ...others] = fix.steps;
  const text = `Where pods ask that address, have dns.presets: [${preset}] set; elsewhere ${lowered(byName.text)}`;
  return { steps: [{ ...byName, text }, ...others] };
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Some subjects have a way that depends on the plugin, and none that is certain. */
function hangsOnPlugin({ after, budget }: Situation, { policy, gap }: DnsLoss, protocol: DnsProtocol): boolean {
  const { reached, doubts } = gap.over[protocol];
  if (reached === 'all' || !doubts.has('plugin')) return false;
  const sure = [gap.reach.policiesThat('yes', protocol)];
  for (const other of after.selecting(gap.reach.policiesThat('plugin', protocol), policy.subject)) {
    if (after.covers(policy.subject.intersect(other.subject), sure, budget).kind !== 'covered') return true;
  }
  return false;
}

function pluginPeer(policy: Policy, { gap }: DnsLoss, protocol: DnsProtocol): Peer | undefined {
  for (const rule of policy.egress) {
    if (rule.peers === 'any' || gap.reach.ofRule(rule, policy.ref.namespace, protocol) !== 'plugin') continue;
    const single = (peer: Peer) => gap.reach.ofRule({ ...rule, peers: [peer] }, policy.ref.namespace, protocol);
    const peer = rule.peers.find((candidate) => single(candidate) === 'plugin');
    if (peer !== undefined) return peer;
  }
  return undefined;
}

function otherWay({ after }: Situation, { policy, gap }: DnsLoss, protocol: DnsProtocol): string {
  for (const other of after.selecting(gap.reach.policiesThat('plugin', protocol), policy.subject)) {
    return describePolicy(other);
  }
  return 'another policy';
}
