import { describeLabels, describePolicy, describeSubject, listOf } from '../describe.ts';
import type { Fix, Issue } from '../finding.ts';
import type { Situation } from '../situation.ts';
import { allowDnsPolicy, dnsPortsText, dnsRule, dnsServersText } from './allow-dns.ts';
import type { GapFault, GapVerdict } from './gap.ts';
import { type DnsLoss, dnsLosses, GRANTING, isNewLoss } from './loss.ts';
import { nearMiss, wrongPortName } from './near-miss.ts';

/** DNS_GAP_RULES are the rules about pods that are cut off from DNS; `dnsBlocked` in the settings is about them. */
export const DNS_GAP_RULES: ReadonlySet<string> = new Set<GapFault>([
  'dns-blocked',
  'dns-over-udp-blocked',
  'dns-over-tcp-blocked',
  'dns-partly-blocked',
]);

/** dnsIssues returns the issues of one kind: the changed policy's own, and one for all policies that leaned on it. */
export function dnsIssues(situation: Situation, fault: GapFault): readonly Issue[] {
  const issues: Issue[] = [];
  const leaning: { loss: DnsLoss; verdict: GapVerdict }[] = [];
  for (const loss of dnsLosses(situation)) {
    const verdict = loss.verdicts.find((candidate) => candidate.fault === fault);
    if (verdict === undefined) continue;
    if (loss.policy === situation.policy) issues.push(ownIssue(situation, loss, verdict));
    else if (isNewLoss(situation, loss.policy.subject, loss.gap.reach, verdict.protocols) !== 'covered') {
      leaning.push({ loss, verdict });
    }
  }
  return leaning.length === 0 ? issues : [...issues, leaningIssue(situation, leaning)];
}

function ownIssue(situation: Situation, loss: DnsLoss, verdict: GapVerdict): Issue {
  const { policy, gap } = loss;
  const novelty = isNewLoss(situation, policy.subject, gap.reach, verdict.protocols);
  const almost =
    verdict.fault === 'dns-blocked'
      ? nearMiss(situation, policy, gap.reach)
      : wrongPortName(policy, gap.reach, verdict.protocols);
  const uncertain =
    verdict.uncertain ?? otherPoliciesDoubt(situation) ?? (novelty === 'unknown' ? TOO_MANY : undefined);
  return {
    path: policy.egress[0]?.path ?? 'spec.egress',
    message: `isolates ${describeSubject(policy)} for egress, ${consequence(verdict, gap.reach.world)}${almost === undefined ? '' : `; ${almost}`}`,
    fix: fixFor(situation, loss, verdict, almost !== undefined),
    blamed: novelty !== 'covered',
    ...(uncertain === undefined ? {} : { uncertain }),
    ...(isTolerated(situation, loss, verdict) ? { tolerated: true } : {}),
  };
}

function leaningIssue(situation: Situation, leaning: readonly { loss: DnsLoss; verdict: GapVerdict }[]): Issue {
  const [first] = leaning as readonly [(typeof leaning)[number]];
  const names = listOf(leaning.map(({ loss }) => describePolicy(loss.policy)));
  const uncertain = first.verdict.uncertain ?? otherPoliciesDoubt(situation);
  return {
    path: situation.policy === undefined ? 'spec.egress' : (situation.policy.egress[0]?.path ?? 'spec'),
    message:
      `was what let pods isolated by ${names} reach cluster DNS: for ${describeSubject(first.loss.policy)} ` +
      `the isolation stays, ${consequence(first.verdict, first.loss.gap.reach.world)}`,
    fix: fixFor(situation, first.loss, first.verdict),
    blamed: true,
    ...(uncertain === undefined ? {} : { uncertain }),
    ...(leaning.every(({ loss, verdict }) => isTolerated(situation, loss, verdict)) ? { tolerated: true } : {}),
  };
}

const TOO_MANY = 'too many overlapping pod selectors to decide which pods lose DNS';

function consequence(
  { fault, protocols, witness, uncertain }: GapVerdict,
  world: DnsLoss['gap']['reach']['world'],
): string {
  const dns = `cluster DNS (${dnsServersText(world)}, ${dnsPortsText(world)})`;
  switch (fault) {
    case 'dns-blocked':
      return uncertain === undefined
        ? `and no policy lets them reach ${dns}, so every lookup fails`
        : `and no policy is sure to let them reach ${dns}`;
    case 'dns-over-udp-blocked':
      return `and no policy lets them reach ${dns} over UDP, so nearly every lookup fails`;
    case 'dns-over-tcp-blocked':
      return `and no policy lets them reach ${dns} over TCP, so large answers fail`;
    case 'dns-partly-blocked': {
      const who = witness === undefined ? '' : `, such as ${describeLabels(witness)},`;
      return `and some of them${who} stay without ${dns} over ${protocols.join(' and ')}, while others reach it`;
    }
  }
}

function fixFor(situation: Situation, { policy, gap }: DnsLoss, verdict: GapVerdict, isNearMiss = false): Fix {
  const { world } = gap.reach;
  const yaml = allowDnsPolicy(policy.ref.namespace, freeName(situation), world);
  switch (verdict.fault) {
    case 'dns-blocked':
      if (situation.change.operation === 'DELETE') return { description: 'keep a policy that allows DNS', yaml };
      return { description: isNearMiss ? 'mend that, or apply this policy first' : 'apply this policy first', yaml };
    case 'dns-partly-blocked':
      return { description: 'allow DNS for every pod', yaml };
    default: {
      const missing = verdict.protocols.join(' and ');
      const description = `add ${missing} to the rule that allows DNS (a port without \`protocol\` is TCP)`;
      return { description, yaml: ['egress:', ...dnsRule(world)].join('\n') };
    }
  }
}

/** A name for a policy to paste that replaces no other one. */
function freeName({ snapshot, change }: Situation): string {
  const stored = snapshot.policies(change.namespace);
  const taken = (name: string) => stored.get(name) !== undefined || change.after?.ref.name === name;
  let name = 'allow-dns';
  for (let n = 2; taken(name); n += 1) name = `allow-dns-${n}`;
  return name;
}

/** otherPoliciesDoubt says that policies which are not judged can allow DNS, or forbid it; undefined where there are none. */
export function otherPoliciesDoubt({ snapshot, settings, change }: Situation): string | undefined {
  const unreadable = snapshot.unreadablePolicies(change.namespace);
  if (unreadable.length > 0) return `the policies ${listOf(unreadable)} of the namespace cannot be read`;
  if (settings.dns.otherPolicies === 'ignore') return undefined;
  const others = snapshot.otherPolicies(change.namespace);
  return others.length === 0 ? undefined : `${listOf(others)} can allow or forbid DNS too, and are not judged`;
}

function isTolerated({ settings, change, after }: Situation, { policy }: DnsLoss, { fault }: GapVerdict): boolean {
  const { onWrite, onDelete, noEgressAtAll } = settings.dnsBlocked;
  if ((change.operation === 'DELETE' ? onDelete : onWrite) !== 'deny') return true;
  if (fault !== 'dns-blocked' || noEgressAtAll === 'deny' || policy.subject.isEverything) return false;
  return !after.hasAny(GRANTING, policy.subject);
}
