import type { Coverage } from '../../sets/coverage.ts';
import { type DnsPlane, keepsClients, shutOut } from '../dns/plane.ts';
import { describePeerWitness } from '../dns/pod-grants.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { describeSubject } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import type { Fix, Issue } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import type { Situation } from '../situation/situation.ts';
import { type ServerView, serverViews } from './server-view.ts';

/** serverIssues returns an issue for each DNS server that its clients cannot reach, or that can ask no other resolver. */
export function serverIssues(situation: Situation): readonly Issue[] {
  const cuts = serverViews(situation).flatMap((view) => [ingressCut(situation, view), egressCut(situation, view)]);
  const issues = cuts.flatMap((cut) => (cut === undefined ? [] : [issueOf(situation, cut)]));
  return issues.filter((issue, i) => issues.findIndex(({ message }) => message === issue.message) === i);
}

/** Cut is what DNS servers are cut off from. */
interface Cut {
  readonly path: string;
  readonly message: string;
  readonly fix: Fix;
  /** Whether it is so by the change, and was not before. */
  readonly worse: boolean;
  /** Why it is not certain, as a clause. */
  readonly doubt: string | undefined;
}

function issueOf(situation: Situation, { path, message, fix, worse, doubt }: Cut): Issue {
  return {
    path,
    message,
    fix,
    blamed: isAudit(situation) || worse,
    tolerated: isTolerated(situation),
    uncertain: doubt ?? otherPoliciesDoubt(situation),
  };
}

function isAudit({ change }: Situation): boolean {
  return change.operation === 'AUDIT';
}

/** Deleting goes in any order, as for pods that lose their DNS. */
function isTolerated({ change, settings }: Situation): boolean {
  return change.operation === 'DELETE' && settings.dnsBlocked.onDelete !== 'deny';
}

function ingressCut(situation: Situation, { server, before, after, own, unsure }: ServerView): Cut | undefined {
  const { budget } = situation;
  const shut = DNS_PROTOCOLS.map((protocol) => ({ protocol, coverage: shutOut(after, protocol, budget) })).filter(
    ({ coverage }) => coverage.kind !== 'covered',
  );
  const kept = shut.map(({ protocol }) => keepsClients(before, after, protocol, budget));
  const worse = !isAudit(situation) && kept.some((kind) => kind !== 'covered');
  const [first] = shut;
  if (first === undefined || !(own?.isolatesIngress || worse)) return undefined;
  const protocols = shut.map(({ protocol }) => protocol).join(' and ');
  return {
    path: own?.ingress[0]?.path ?? 'spec.podSelector',
    message: `${subjectText(own)} the DNS servers ${server.name} isolated for ingress, and ${shutOutText(after, first)} reach them over ${protocols}`,
    fix: { description: 'let everyone reach the DNS port', yaml: ingressYaml(server) },
    worse,
    doubt: unsure ?? (after.byAddress ? 'whether an ipBlock lets pods in depends on the network plugin' : undefined),
  };
}

/** What cannot be decided counts as shut out: every lookup in the cluster depends on it. */
function shutOutText(
  { clients }: DnsPlane,
  { protocol, coverage }: { readonly protocol: DnsProtocol; readonly coverage: Coverage },
): string {
  if (clients[protocol].length === 0) return 'no policy lets anyone';
  if (coverage.kind === 'uncovered') return `no policy lets ${describePeerWitness(coverage.witness)}`;
  return 'the selectors of those let in are too many and too entangled to decide that everyone may';
}

function egressCut(situation: Situation, { server, before, after, own, unsure }: ServerView): Cut | undefined {
  const worse = !isAudit(situation) && isMute(after) && !isMute(before);
  if (!isMute(after) || !(own?.isolatesEgress || worse)) return undefined;
  return {
    path: own?.egress[0]?.path ?? 'spec.egress',
    message: `${subjectText(own)} the DNS servers ${server.name} isolated for egress with nothing allowed on port 53, so they can ask no other resolver`,
    fix: {
      description: 'let the DNS servers reach their upstream resolvers on port 53',
      yaml: 'egress:\n- ports:\n    - {protocol: UDP, port: 53}\n    - {protocol: TCP, port: 53}',
    },
    worse,
    doubt: unsure,
  };
}

function isMute({ isolatedForEgress, mayAsk }: DnsPlane): boolean {
  return isolatedForEgress && !mayAsk;
}

function subjectText(own: Policy | undefined): string {
  return own === undefined ? 'no longer helps: other policies keep' : `selects ${describeSubject(own)} and keeps`;
}

function ingressYaml({ ports }: DnsPods): string {
  const line = (protocol: DnsProtocol) => (port: number) => `    - {protocol: ${protocol}, port: ${port}}`;
  return ['ingress:', '- ports:', ...ports.udp.map(line('UDP')), ...ports.tcp.map(line('TCP'))].join('\n');
}
