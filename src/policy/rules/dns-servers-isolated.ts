import type { Coverage } from '../../sets/coverage.ts';
import { LabelSelector } from '../../sets/label-selector.ts';
import { livesIn } from '../dns/facts.ts';
import { type DnsPlane, dnsPlane, keepsClients, shutOut } from '../dns/plane.ts';
import { describePeerWitness } from '../dns/pod-grants.ts';
import { DNS_PROTOCOLS } from '../dns/reach.ts';
import { describeSubject } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import type { Issue } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import type { PolicyState } from '../model/policy-state.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsServersIsolated = defineRule({
  id: 'dns-servers-isolated',
  title: 'The DNS servers themselves cut off',
  level: 'standard',
  turn: 'first',
  inSystemNamespaces: true,
  docs: {
    why: `A connection needs the client's egress and the server's ingress. A default-deny in the namespace of cluster DNS, or a policy
that lets only some namespaces in, takes names away from everybody else at once. And a DNS server that may send nothing
to port 53 can answer for no name outside the cluster.

This rule alone also applies in system namespaces.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: kube-system
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: kube-system
spec:
  podSelector: {matchLabels: {k8s-app: kube-dns}}
  policyTypes: [Ingress]
  ingress:
    - ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: kube-system
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    ],
  },
  check(situation) {
    const { change, reaches } = situation;
    const issues: Issue[] = [];
    for (const { world } of reaches) {
      for (const server of world.servers) {
        if (server.kind !== 'pods' || !livesIn(server, change.namespace)) continue;
        for (const pods of podsOf(server)) issues.push(...issuesFor(situation, server, pods));
      }
    }
    return issues.filter((issue, i) => issues.findIndex(({ message }) => message === issue.message) === i);
  },
});

/** The live pods decide exactly; without them every pod that the Service's selector picks is one. */
function podsOf(server: DnsPods): readonly LabelSelector[] {
  const live = server.livePods ?? [];
  if (live.length === 0) return [server.pods];
  const distinct = new Map(live.map((labels) => [LabelSelector.exactly(labels).key, LabelSelector.exactly(labels)]));
  return [...distinct.values()];
}

function issuesFor(situation: Situation, server: DnsPods, pods: LabelSelector): readonly Issue[] {
  const { change, policy, settings } = situation;
  const labels = (server.livePods ?? []).length > 0 ? pods.example() : undefined;
  const selects = ({ subject }: Policy) => (labels === undefined ? pods.isSubset(subject) : subject.matches(labels));
  const maySelect = ({ subject }: Policy) =>
    labels === undefined ? pods.intersects(subject) : subject.matches(labels);
  const changed = [policy, change.before].filter((candidate) => candidate !== undefined).filter(maySelect);
  if (changed.length === 0) return [];
  const counts = (candidate: Policy) => selects(candidate) || changed.includes(candidate);
  const plane = (state: PolicyState, selects: (policy: Policy) => boolean) =>
    dnsPlane(state, server, selects, settings.dns.ports);
  const stood = (candidate: Policy) => !candidate.deleting && counts(candidate);
  const planes = { before: plane(situation.before, stood), after: plane(situation.after, counts) };
  const own = policy !== undefined && changed.includes(policy) ? policy : undefined;
  const unsure = changed.every(selects)
    ? undefined
    : 'whether it selects the DNS pods hangs on labels that are not known here';
  const view: View = { situation, server, ...planes, ...(own && { own }), ...(unsure && { unsure }) };
  return [...ingressIssues(view), ...egressIssues(view)];
}

/** View is how the change treats the DNS pods of one server. */
interface View {
  readonly situation: Situation;
  readonly server: DnsPods;
  readonly before: DnsPlane;
  readonly after: DnsPlane;
  /** The changed policy, where it selects the DNS pods after the change. */
  readonly own?: Policy;
  /** Why it is not certain that the DNS pods are selected. */
  readonly unsure?: string;
}

function ingressIssues(view: View): readonly Issue[] {
  const { situation, server, before, after, own } = view;
  const outcomes = DNS_PROTOCOLS.map((protocol) => ({
    protocol,
    coverage: shutOut(after, protocol, situation.budget),
  }));
  const shut = outcomes.filter(({ coverage }) => coverage.kind !== 'covered');
  const kinds = shut.map(({ protocol }) => keepsClients(before, after, protocol, situation.budget));
  const isWorse = !isAudit(situation) && kinds.some((kind) => kind !== 'covered');
  const [first] = shut;
  if (first === undefined || !(own?.isolatesIngress || isWorse)) return [];
  const protocols = shut.map(({ protocol }) => protocol).join(' and ');
  const said = {
    path: own?.ingress[0]?.path ?? 'spec.podSelector',
    message: `${subjectText(own)} the DNS servers ${server.name} isolated for ingress, and ${shutOutText(first.coverage, after.clients[first.protocol])} reach them over ${protocols}`,
    fix: { description: 'let everyone reach the DNS port', yaml: ingressYaml(server) },
  };
  const byAddress = after.byAddress ? 'whether an ipBlock lets pods in depends on the network plugin' : undefined;
  return [issueOf(view, said, isWorse, byAddress)];
}

/** What cannot be decided counts as shut out: everybody's lookups hang on it. */
function shutOutText(coverage: Coverage, clients: readonly LabelSelector[]): string {
  if (clients.length === 0) return 'no policy lets anyone';
  if (coverage.kind === 'uncovered') return `no policy lets ${describePeerWitness(coverage.witness)}`;
  return 'the selectors of those let in are too many and too entangled to decide that everyone may';
}

function egressIssues(view: View): readonly Issue[] {
  const { situation, server, before, after, own } = view;
  const isMute = (plane: DnsPlane) => plane.isolatedForEgress && !plane.mayAsk;
  const isWorse = !isAudit(situation) && isMute(after) && !isMute(before);
  if (!isMute(after) || !(own?.isolatesEgress || isWorse)) return [];
  const said = {
    path: own?.egress[0]?.path ?? 'spec.egress',
    message: `${subjectText(own)} the DNS servers ${server.name} isolated for egress with nothing allowed on port 53, so they can ask no other resolver`,
    fix: {
      description: 'let the DNS servers reach their upstream resolvers on port 53',
      yaml: 'egress:\n- ports:\n    - {protocol: UDP, port: 53}\n    - {protocol: TCP, port: 53}',
    },
  };
  return [issueOf(view, said, isWorse)];
}

/** `doubt` is why the issue itself is not certain, whoever is selected. */
function issueOf(
  { situation, unsure }: View,
  said: Pick<Issue, 'path' | 'message' | 'fix'>,
  isWorse: boolean,
  doubt?: string,
): Issue {
  const uncertain = unsure ?? doubt ?? otherPoliciesDoubt(situation);
  return {
    ...said,
    blamed: isAudit(situation) || isWorse,
    ...toleranceOf(situation),
    ...(uncertain === undefined ? {} : { uncertain }),
  };
}

function isAudit({ change }: Situation): boolean {
  return change.operation === 'AUDIT';
}

/** Deleting goes in any order, as for pods that lose their DNS. */
function toleranceOf({ change, settings }: Situation): Pick<Issue, 'tolerated'> {
  return change.operation === 'DELETE' && settings.dnsBlocked.onDelete !== 'deny' ? { tolerated: true } : {};
}

function subjectText(own: Policy | undefined): string {
  return own === undefined ? 'no longer helps: other policies keep' : `selects ${describeSubject(own)} and keeps`;
}

function ingressYaml(server: DnsPods): string {
  const line = (protocol: string) => (port: number) => `    - {protocol: ${protocol}, port: ${port}}`;
  return ['ingress:', '- ports:', ...server.ports.udp.map(line('UDP')), ...server.ports.tcp.map(line('TCP'))].join(
    '\n',
  );
}
