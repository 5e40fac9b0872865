import type { Coverage } from '../../sets/coverage.ts';
import { policyOf, portItem } from '../dns/allow-dns.ts';
import { type DnsPlane, keepsClients, shutOut } from '../dns/plane.ts';
import { describePeerWitness } from '../dns/pod-grants.ts';
import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import { describePolicy } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import type { Issue } from '../model/finding.ts';
import { type Fix, fixOf } from '../model/fix.ts';
import type { Policy } from '../model/policy.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import type { Situation } from '../situation/situation.ts';
import { type ServerView, serverViews } from './server-view.ts';

/** serverIssues returns an issue for each DNS server that its clients cannot reach, or that can ask no other resolver. */
export function serverIssues(situation: Situation): readonly Issue[] {
  const cuts = serverViews(situation).flatMap((view) => [ingressCut(situation, view), egressCut(situation, view)]);
  const issues = cuts.flatMap((cut) => (cut === undefined ? [] : [issueOf(situation, cut)]));
  return issues.filter((issue, i) => issues.findIndex(({ why }) => why === issue.why) === i);
}

/** Cut is the traffic that DNS servers are cut off from. */
interface Cut extends Pick<Issue, 'path' | 'headline' | 'why' | 'short' | 'fix'> {
  /** Whether the change caused it. */
  readonly worse: boolean;
  /** Why it is not certain, as a clause. */
  readonly doubt: string | undefined;
}

function issueOf(situation: Situation, { worse, doubt, ...issue }: Cut): Issue {
  return {
    ...issue,
    blamed: isAudit(situation) || worse,
    tolerated: isTolerated(situation),
    uncertain: doubt ?? otherPoliciesDoubt(situation),
  };
}

function isAudit({ change }: Situation): boolean {
  return change.operation === 'AUDIT';
}

/** Policies may be deleted in any order, as for pods that lose their DNS. */
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
  const isolates = `${byWhom(own)} isolate${own === undefined ? '' : 's'} them for ingress`;
  const reason = `${isolates}, and ${shutOutText(after, first)} reach them over ${protocols}`;
  return {
    path: own?.ingress[0]?.path ?? 'spec.podSelector',
    headline: 'cuts clients off from cluster DNS',
    why: `The DNS servers are ${server.name}. ${capital(reason)}.`,
    short: `the DNS servers ${server.name} are cut off from clients: ${reason}`,
    fix: ingressFix(situation, server, own),
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
  return 'the selectors of the admitted clients are too many and too entangled to decide that every client may';
}

function egressCut(situation: Situation, { server, before, after, own, unsure }: ServerView): Cut | undefined {
  const worse = !isAudit(situation) && isMute(after) && !isMute(before);
  if (!isMute(after) || !(own?.isolatesEgress || worse)) return undefined;
  const isolates = `${byWhom(own)} isolate${own === undefined ? '' : 's'} them for egress`;
  const reason = `${isolates} with nothing allowed on port 53, so they can ask no other resolver`;
  return {
    path: own?.egress[0]?.path ?? 'spec.egress',
    headline: 'keeps cluster DNS from asking other resolvers',
    why: `The DNS servers are ${server.name}. ${capital(reason)}.`,
    short: `the DNS servers ${server.name} can ask no other resolver: ${isolates} with nothing allowed on port 53`,
    fix: egressFix(situation, server, own),
    worse,
    doubt: unsure,
  };
}

function isMute({ isolatedForEgress, mayAsk }: DnsPlane): boolean {
  return isolatedForEgress && !mayAsk;
}

function byWhom(own: Policy | undefined): string {
  return own === undefined ? 'other policies' : describePolicy(own);
}

function capital(text: string): string {
  return text.startsWith('other ') ? `O${text.slice(1)}` : text;
}

/**
 * The rule goes into the policy that isolates them, or else into a new policy for the same pods, which are isolated
 * already.
 */
function ingressFix({ change }: Situation, { ports, pods }: DnsPods, own: Policy | undefined): Fix {
  const items = [{ ports: [...ports.udp.map(over('UDP')), ...ports.tcp.map(over('TCP'))] }];
  if (own?.isolatesIngress === true) {
    const isEmpty = own.ingress.length === 0 && own.isIngressShort === undefined;
    return inList('Let everyone reach the DNS port', own, { path: 'spec.ingress', items, isEmpty });
  }
  const object = policyOf(change.namespace, 'allow-dns-clients', pods, { policyTypes: ['Ingress'], ingress: items });
  return fixOf('Let everyone reach the DNS port: apply this policy', { kind: 'apply', object });
}

function egressFix({ change, settings }: Situation, { pods }: DnsPods, own: Policy | undefined): Fix {
  const items = [{ ports: DNS_PROTOCOLS.flatMap((protocol) => settings.dns.ports.map(over(protocol))) }];
  if (own?.isolatesEgress === true) {
    const isEmpty = own.egress.length === 0;
    return inList('Let the DNS servers ask other resolvers', own, { path: 'spec.egress', items, isEmpty });
  }
  const object = policyOf(change.namespace, 'allow-dns-upstream', pods, { policyTypes: ['Egress'], egress: items });
  return fixOf('Let the DNS servers ask other resolvers: apply this policy', { kind: 'apply', object });
}

interface ListOfRules {
  readonly path: string;
  readonly items: readonly object[];
  readonly isEmpty: boolean;
}

/** Who has no rules yet needs the list itself. */
function inList(purpose: string, own: Policy, { path, items, isEmpty }: ListOfRules): Fix {
  const name = describePolicy(own);
  if (!isEmpty) return fixOf(`${purpose}: add this rule to ${path} of ${name}`, { kind: 'add', path, items });
  return fixOf(`${purpose}: replace the empty ${path} of ${name} with this`, { kind: 'set', path, value: items });
}

function over(protocol: DnsProtocol): (port: number) => object {
  return (port) => portItem({ port, protocol });
}
