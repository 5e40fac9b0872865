import type { Coverage } from '../../sets/coverage.ts';
import { allowDnsPolicy, dnsPortsText, dnsRules, dnsServersText } from '../dns/allow-dns.ts';
import type { GapFault, GapVerdict } from '../dns/gap.ts';
import { DNS_PROTOCOLS } from '../dns/reach.ts';
import { describeLabels, describePolicy, describeSubject, listOf, shorten } from '../model/describe.ts';
import type { Fix, Issue } from '../model/finding.ts';
import type { Settings } from '../model/settings.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import type { Situation } from '../situation/situation.ts';
import { repairName } from '../templates/repair-name.ts';
import { invalidCarveOut } from './invalid-carve-out.ts';
import { type DnsLoss, dnsLosses, isNewLoss } from './loss.ts';
import { isMended, needsNoDns } from './mending.ts';
import { nearMiss, wrongPortName } from './near-miss.ts';

/** dnsIssues returns the issues of one kind: the changed policy's own, and one for all policies that leaned on it. */
export function dnsIssues(situation: Situation, fault: GapFault): readonly Issue[] {
  const issues: Issue[] = [];
  const leaning: Leaning[] = [];
  for (const loss of dnsLosses(situation)) {
    const verdict = loss.verdicts.find((candidate) => candidate.fault === fault);
    if (verdict === undefined) continue;
    if (loss.policy === situation.policy) issues.push(ownIssue(situation, loss, verdict));
    else {
      const novelty = isNewLoss(situation, loss.policy.subject, loss.gap.reach, verdict.protocols);
      if (novelty !== 'covered') leaning.push({ loss, verdict, doubt: doubtOf(situation, verdict, novelty) });
    }
  }
  return leaning.length === 0 ? issues : [...issues, leaningIssue(situation, leaning)];
}

/** Leaning is a policy whose pods lose DNS by a change of another one. */
interface Leaning {
  readonly loss: DnsLoss;
  readonly verdict: GapVerdict;
  /** Why it is not certain, as a clause. */
  readonly doubt: string | undefined;
}

function doubtOf(situation: Situation, verdict: GapVerdict, novelty: Coverage['kind']): string | undefined {
  return verdict.uncertain ?? otherPoliciesDoubt(situation) ?? (novelty === 'unknown' ? TOO_MANY : undefined);
}

function ownIssue(situation: Situation, loss: DnsLoss, verdict: GapVerdict): Issue {
  const { policy, gap } = loss;
  const novelty = isNewLoss(situation, policy.subject, gap.reach, verdict.protocols);
  const almost =
    invalidCarveOut(situation, policy, gap.reach, verdict.protocols) ??
    (verdict.fault === 'blocked'
      ? nearMiss(situation, policy, gap.reach)
      : wrongPortName(policy, gap.reach, verdict.protocols));
  const uncertain = doubtOf(situation, verdict, novelty);
  const repairs = repairsText(situation, [{ loss, verdict }]);
  const what = `isolates ${describeSubject(policy)} for egress, ${consequence(verdict, gap.reach.world)}`;
  return {
    path: policy.egress[0]?.path ?? 'spec.egress',
    message: `${repairs === undefined ? '' : `${repairs}, since this `}${what}${almost === undefined ? '' : `; ${almost}`}`,
    fix: fixFor(situation, loss, verdict, { isNearMiss: almost !== undefined, isRepaired: repairs !== undefined }),
    blamed: novelty !== 'covered',
    uncertain,
    tolerated: isTolerated(situation, loss, verdict),
  };
}

/** One issue for all of them, which says of the one that weighs most: what is certain, and not tolerated, can deny. */
function leaningIssue(situation: Situation, leaning: readonly Leaning[]): Issue {
  const judged = leaning.map((one) => ({ ...one, tolerated: isTolerated(situation, one.loss, one.verdict) }));
  const grave = judged.filter(({ tolerated }) => !tolerated);
  const [heaviest] = [...grave.filter(({ doubt }) => doubt === undefined), ...grave, ...judged] as [
    (typeof judged)[number],
  ];
  const { loss, verdict, doubt, tolerated } = heaviest;
  const names = listOf(leaning.map((one) => describePolicy(one.loss.policy)));
  const repairs = repairsText(situation, leaning);
  return {
    path: situation.policy === undefined ? 'spec.egress' : (situation.policy.egress[0]?.path ?? 'spec'),
    message:
      `${repairs === undefined ? '' : `${repairs}, since this `}was what let pods isolated by ${names} reach cluster DNS: ` +
      `for ${describeSubject(loss.policy)} the isolation stays, ${consequence(verdict, loss.gap.reach.world)}`,
    fix: fixFor(situation, loss, verdict, { isNearMiss: false, isRepaired: repairs !== undefined }),
    blamed: true,
    uncertain: doubt,
    tolerated,
  };
}

const TOO_MANY = 'too many overlapping pod selectors to decide which pods lose DNS';

function consequence(
  { fault, protocols, witness, uncertain }: GapVerdict,
  world: DnsLoss['gap']['reach']['world'],
): string {
  const dns = `cluster DNS (${dnsServersText(world)}, ${dnsPortsText(world)})`;
  switch (fault) {
    case 'blocked':
      return uncertain === undefined
        ? `and no policy lets them reach ${dns}, so every lookup fails`
        : `and no policy is sure to let them reach ${dns}`;
    case 'udp-blocked':
      return `and no policy lets them reach ${dns} over UDP, so nearly every lookup fails`;
    case 'tcp-blocked':
      return `and no policy lets them reach ${dns} over TCP, so large answers fail`;
    case 'partly-blocked': {
      const who = witness === undefined ? '' : `, such as ${describeLabels(witness)},`;
      return `and some of them${who} stay without ${dns} over ${protocols.join(' and ')}, while others reach it`;
    }
  }
}

/** repairsText says what netpol-guard adds, first of all, since warnings are cut; undefined where it adds nothing. */
function repairsText(
  situation: Situation,
  losses: readonly { readonly loss: DnsLoss; readonly verdict: GapVerdict }[],
): string | undefined {
  const mended = losses.filter(({ loss, verdict }) => isMended(situation, loss, verdict));
  if (modeOf(situation) === 'deny' || mended.length === 0) return undefined;
  const names = mended.map(({ loss: { policy } }) =>
    policy.ref.name === undefined ? 'a policy that allows DNS' : `\`${shorten(repairName(policy.ref.name))}\``,
  );
  return `netpol-guard adds ${listOf(names)}`;
}

function fixFor(
  situation: Situation,
  loss: DnsLoss,
  verdict: GapVerdict,
  { isNearMiss, isRepaired }: { readonly isNearMiss: boolean; readonly isRepaired: boolean },
): Fix {
  const { world } = loss.gap.reach;
  const yaml = allowDnsPolicy(loss.policy.ref.namespace, freeName(situation), world);
  if (isRepaired) return { description: 'to have it in your own hands, apply this policy', yaml };
  switch (verdict.fault) {
    case 'blocked':
      if (situation.change.operation === 'DELETE') return { description: 'keep a policy that allows DNS', yaml };
      return { description: isNearMiss ? 'mend that, or apply this policy first' : 'apply this policy first', yaml };
    case 'partly-blocked':
      return { description: 'allow DNS for every pod', yaml };
    default: {
      const missing = verdict.protocols.join(' and ');
      const description = `${elsewhere(situation, loss)}add ${missing} to the rule that allows DNS (a port without \`protocol\` is TCP)`;
      return { description, yaml: ['egress:', ...dnsRules(world)].join('\n') };
    }
  }
}

/** Names the policy of the rule that lets the pods reach DNS over one protocol, where that is another one. */
function elsewhere({ after }: Situation, { policy, gap: { reach } }: DnsLoss): string {
  const allowing = DNS_PROTOCOLS.map((protocol) => reach.policiesThat('yes', protocol));
  if (allowing.some((policyClass) => policyClass.includes(policy))) return '';
  for (const policyClass of allowing) {
    for (const other of after.selecting(policyClass, policy.subject)) return `in ${describePolicy(other)}, `;
  }
  return '';
}

/** A name for a policy to paste that replaces no other one. */
function freeName({ snapshot, change }: Situation): string {
  const stored = snapshot.policies(change.namespace);
  const invalid = new Set((snapshot.invalidPolicies?.(change.namespace) ?? []).map(({ ref }) => ref.name));
  const taken = (name: string) =>
    stored.get(name) !== undefined || change.after?.ref.name === name || invalid.has(name);
  let name = 'allow-dns';
  for (let n = 2; taken(name); n += 1) name = `allow-dns-${n}`;
  return name;
}

function isTolerated(situation: Situation, { policy }: DnsLoss, { fault }: GapVerdict): boolean {
  return modeOf(situation) !== 'deny' || needsNoDns(situation, policy, fault);
}

function modeOf({ settings, change }: Situation): Settings['dnsBlocked']['onWrite'] {
  const { onWrite, onDelete } = settings.dnsBlocked;
  return change.operation === 'DELETE' ? onDelete : onWrite;
}
