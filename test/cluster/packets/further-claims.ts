import type { RuleDocs } from '../../../src/policy/situation/rule.ts';
import { RULE_PAGES } from '../../../src/report/rule-pages.ts';
import type { Packets } from './claims.ts';
import { denyEgress, egressTo, policy, together } from './policies.ts';
import type { TargetName } from './targets.ts';

/** FurtherClaim is something that a page says, with the policies that show it. */
export interface FurtherClaim {
  readonly rule: string;
  readonly says: string;
  readonly policies: string;
  readonly packets: Packets;
}

/** Trait is what the cluster's network plugin makes of a policy that others may take otherwise. */
export interface Trait {
  readonly policy: string;
  /** `apiServer` is the address of the API server's endpoint. */
  policies(apiServer: string): string;
  readonly packets: Packets;
  readonly matters: string;
}

const DNS: readonly TargetName[] = ['dns/udp', 'dns/tcp', 'a name'];
const API: readonly TargetName[] = ['API server by its Service', 'API server by its endpoint'];

const FROM_OWN_PODS = '  ingress:\n    - from: [{podSelector: {}}]\n';

/** FURTHER_CLAIMS are the halves of pages that their examples leave out, and what the linter alone finds. */
export const FURTHER_CLAIMS: readonly FurtherClaim[] = [
  {
    rule: 'dns-servers-isolated',
    says: 'DNS servers that may send nothing to port 53 answer for no name outside the cluster',
    policies: denyEgress('kube-system', '{matchLabels: {k8s-app: kube-dns}}'),
    packets: { bystander: { reaches: DNS, not: ['an outside name'] } },
  },
  {
    rule: 'egress-rules-ignored',
    says: 'the ignored rules do not allow either, beside a policy that denies',
    policies: together(examplesOf('egress-rules-ignored').bad, denyEgress('shop', '{matchLabels: {app: web}}')),
    packets: { web: { not: ['database:5432', 'outside/udp'] } },
  },
  {
    rule: 'dns-peer-matches-nothing',
    says: 'a podSelector without a namespaceSelector looks in its own namespace alone',
    policies: policy(
      'shop',
      'allow-dns',
      `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{podSelector: {matchLabels: {k8s-app: kube-dns}}}]
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]`,
    ),
    packets: { plain: { reaches: ['twin/udp', 'twin/tcp'], not: DNS } },
  },
  {
    rule: 'policy-types-missing',
    says: 'the bad example, written to allow DNS, denies every connection to its pods',
    policies: examplesOf('policy-types-missing').bad,
    packets: { plain: { reaches: DNS }, bystander: { not: ['web:8080'] } },
  },
  {
    rule: 'policy-types-missing',
    says: 'the good example does not',
    policies: examplesOf('policy-types-missing').good,
    packets: { plain: { reaches: DNS }, bystander: { reaches: ['web:8080'] } },
  },
];

/** TRAITS are those that rules speak of. */
export const TRAITS: readonly Trait[] = [
  {
    policy: 'port 53 to the whole Service range, 10.96.0.0/16',
    policies: () => egressTo('10.96.0.0/16', 53, 'UDP', 'TCP'),
    packets: { plain: { not: DNS } },
    matters: '`dns-depends-on-cni`: the check comes after translation to the address of a pod',
  },
  {
    policy: "port 53 to the pods' range, 10.244.0.0/24",
    policies: () => egressTo('10.244.0.0/24', 53, 'UDP', 'TCP'),
    packets: { plain: { reaches: [...DNS, 'rogue/udp', 'neighbour/udp'], not: ['outside/udp', 'outside/tcp'] } },
    matters: '`dns-depends-on-cni`: here it opens DNS, and to every pod; on Cilium it opens none',
  },
  {
    policy: 'TCP 443 to the Service range, 10.96.0.0/16',
    policies: () => egressTo('10.96.0.0/16', 443, 'TCP'),
    packets: { plain: { not: API } },
    matters: '`service-address-in-ip-block`: the usual recipe for the API server opens nothing',
  },
  {
    policy: 'TCP 6443 to the endpoint of the `kubernetes` Service',
    policies: (apiServer) => egressTo(`${apiServer}/32`, 6443, 'TCP'),
    packets: { plain: { reaches: API } },
    matters: '`service-address-in-ip-block`: what the message says to allow, by the Service too',
  },
  {
    policy: 'one policy for all pods and both directions, which lets each other in and nothing out',
    policies: () => policy('shop', 'own-pods', `  podSelector: {}\n  policyTypes: [Ingress, Egress]\n${FROM_OWN_PODS}`),
    packets: { plain: { reaches: ['web:8080'], not: DNS } },
    matters: `Kubernetes asks for both sides to allow, and nobody is allowed out. kube-router has one chain for both
directions of such a policy, so what its ingress rules let in is let out too. netpol-guard reads it as Kubernetes does`,
  },
  {
    policy: 'the same in two policies, one for each direction',
    policies: () =>
      together(
        denyEgress('shop', '{}'),
        policy('shop', 'own-pods', `  podSelector: {}\n  policyTypes: [Ingress]\n${FROM_OWN_PODS}`),
      ),
    packets: { plain: { not: ['web:8080', ...DNS] } },
    matters: 'as Kubernetes asks',
  },
];

function examplesOf(id: string): Pick<RuleDocs, 'bad' | 'good'> {
  const page = RULE_PAGES.find((candidate) => candidate.id === id);
  if (page === undefined) throw new Error(`${id} has no page`);
  return page.docs;
}
