import type { Coverage } from '../../sets/coverage.ts';
import type { GapFault, GapVerdict } from '../dns/gap.ts';
import { describePolicy, describeSubject, listOf, nameSubject, shorten } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { type Fix, onCondition } from '../model/fix.ts';
import type { Settings } from '../model/settings.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import type { Situation } from '../situation/situation.ts';
import { repairName } from '../templates/repair-name.ts';
import { deletedCarveOut } from './deleted-carve-out.ts';
import { leaningFix, ownGapFix } from './fixes.ts';
import { invalidCarveOut } from './invalid-carve-out.ts';
import { type DnsLoss, dnsLosses, isNewLoss } from './loss.ts';
import { nearMiss, wrongPortName } from './near-miss.ts';
import { isRepairable, needsNoDns } from './repairable.ts';
import { gapHeadline, gapReason } from './words.ts';

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
  const [first, ...others] = leaning;
  return first === undefined ? issues : [...issues, leaningIssue(situation, [first, ...others])];
}

/** Leaning is a policy whose pods lose DNS when another policy changes. */
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
  const almost = almostAllowed(situation, loss, verdict);
  const no = almost?.isLeaving === true ? 'no policy that stays' : 'no policy';
  const reason = gapReason(loss, verdict, `${no} in ${policy.ref.namespace}`);
  const headline = gapHeadline(nameSubject(policy), verdict);
  const repairs = repairsOf(situation, [{ loss, verdict }]);
  const fix = almost?.fix ?? perhapsElsewhere(situation, verdict, ownGapFix(situation, loss, verdict));
  const inShort =
    almost === undefined
      ? (missingPortText(verdict, fix) ??
        `${describePolicy(policy)} ${gapHeadline(describeSubject(policy), verdict)}: ${reason}`)
      : `${describePolicy(policy)} ${headline}: ${almost.why}`;
  return {
    path: policy.egress[0]?.path ?? 'spec.egress',
    headline,
    why: sentences(reason, almost?.why, assumedText(situation, verdict), ignorable(situation, loss, verdict), repairs),
    short: sinceRepaired(repairs, inShort),
    fix: repairs === undefined ? fix : inYourOwnHands(situation, loss, verdict),
    blamed: novelty !== 'covered',
    uncertain: doubtOf(situation, verdict, novelty),
    tolerated: isTolerated(situation, loss, verdict),
  };
}

/** Where no cluster DNS was found, pods may be allowed to ask a resolver of the user's own. */
function perhapsElsewhere({ snapshot }: Situation, { uncertain }: GapVerdict, fix: Fix): Fix {
  if (snapshot.dns.isKnown || uncertain === undefined) return fix;
  return onCondition('Unless these pods ask another resolver', fix);
}

/** Where it is uncertain, the doubt says so. */
function assumedText({ snapshot }: Situation, { uncertain }: GapVerdict): string | undefined {
  const isSaid = snapshot.dns.isKnown || uncertain !== undefined;
  return isSaid ? undefined : 'no cluster DNS was found here, so netpol-guard assumes the usual one';
}

function ignorable(situation: Situation, { policy }: DnsLoss, { fault }: GapVerdict): string | undefined {
  return needsNoDns(situation, policy, fault) ? 'if these pods look up no names, you can ignore this' : undefined;
}

function almostAllowed(situation: Situation, { policy, gap: { reach } }: DnsLoss, verdict: GapVerdict) {
  const { fault, protocols } = verdict;
  const invalid = invalidCarveOut(situation, policy, reach, protocols);
  if (invalid !== undefined) return invalid;
  const leaving = deletedCarveOut(situation, policy, reach, protocols);
  if (leaving !== undefined) return leaving;
  return fault === 'blocked' ? nearMiss(situation, policy, reach) : wrongPortName(policy, reach, protocols);
}

/** What netpol-guard does about it comes first, since warnings are cut. */
function sinceRepaired(repairs: string | undefined, text: string): string {
  return repairs === undefined ? text : `${repairs}, since ${text}`;
}

/** For a rule in which one port is missing: the place and the port. */
function missingPortText({ fault }: GapVerdict, { steps: [{ edits }] }: Fix): string | undefined {
  const [edit] = edits;
  if (edit?.kind !== 'add' || !edit.path.endsWith('.ports') || edit.policy !== undefined) return undefined;
  const ports = edit.items.map((item) =>
    JSON.stringify(item)
      .replaceAll('"', '')
      .replaceAll(/([:,])/g, '$1 '),
  );
  const [there, so] = fault === 'udp-blocked' ? ['TCP', 'nearly every lookup fails'] : ['UDP', 'large answers fail'];
  return `${edit.path.replace(/\.ports$/, '')}: DNS over ${there} only, so ${so}; add ${ports.join(' and ')}`;
}

/** One issue for all of them, about the most severe one: only what is certain and not tolerated can deny. */
function leaningIssue(situation: Situation, leaning: readonly [Leaning, ...Leaning[]]): Issue {
  const judged = leaning.map((one) => ({ ...one, tolerated: isTolerated(situation, one.loss, one.verdict) }));
  const grave = judged.filter(({ tolerated }) => !tolerated);
  const [heaviest] = [...grave.filter(({ doubt }) => doubt === undefined), ...grave, ...judged] as [
    (typeof judged)[number],
  ];
  const { loss, verdict, doubt, tolerated } = heaviest;
  const names = listOf(leaning.map((one) => describePolicy(one.loss.policy)));
  const still = `${names} still ${leaning.length === 1 ? 'isolates' : 'isolate'} them`;
  const lost = gapReason(loss, verdict, 'no other policy');
  const reason = `${still}, and ${lost}`;
  const headline = gapHeadline(nameSubject(loss.policy), verdict);
  const repairs = repairsOf(situation, leaning);
  const [first, ...others] = leaning.map((one) => one.loss) as [DnsLoss, ...DnsLoss[]];
  return {
    path: situation.policy === undefined ? 'spec.egress' : (situation.policy.egress[0]?.path ?? 'spec'),
    headline,
    why: sentences(reason, undefined, repairs),
    short: sinceRepaired(
      repairs,
      `${changeText(situation)} ${gapHeadline(describeSubject(loss.policy), verdict)}: ${verdict.fault === 'partly-blocked' ? lost : still}`,
    ),
    fix: leaningFix(situation, [first, ...others]),
    blamed: true,
    uncertain: doubt,
    tolerated,
  };
}

const TOO_MANY = 'too many overlapping pod selectors to decide which pods lose DNS';

function changeText({ change: { operation, before, after } }: Situation): string {
  const policy = after ?? before;
  const name = policy === undefined ? 'the policy' : describePolicy(policy);
  return operation === 'DELETE' ? `deleting ${name}` : name;
}

function sentences(...clauses: readonly (string | undefined)[]): string {
  return clauses.flatMap((clause) => (clause === undefined ? [] : `${sentenceCase(clause)}.`)).join(' ');
}

/** A sentence that begins with the name of an object, a path or netpol-guard keeps its first letter. */
function sentenceCase(clause: string): string {
  return /^(no|some|pods|if) /.test(clause) ? `${clause.charAt(0).toUpperCase()}${clause.slice(1)}` : clause;
}

/** repairsOf describes what netpol-guard adds; undefined if it adds nothing. */
function repairsOf(
  situation: Situation,
  losses: readonly { readonly loss: DnsLoss; readonly verdict: GapVerdict }[],
): string | undefined {
  const mended = losses.filter(({ loss, verdict }) => isRepairable(situation, loss, verdict));
  if (modeOf(situation) === 'deny' || mended.length === 0) return undefined;
  const names = mended.map(({ loss: { policy } }) =>
    policy.ref.name === undefined ? 'a policy that allows DNS' : shorten(repairName(policy.ref.name)),
  );
  return `netpol-guard adds ${listOf(names)}`;
}

function inYourOwnHands(situation: Situation, loss: DnsLoss, verdict: GapVerdict): Fix {
  return onCondition('To do it yourself', ownGapFix(situation, loss, verdict));
}

function isTolerated(situation: Situation, { policy }: DnsLoss, { fault }: GapVerdict): boolean {
  return modeOf(situation) !== 'deny' || needsNoDns(situation, policy, fault);
}

function modeOf({ settings, change }: Situation): Settings['dnsBlocked']['onWrite'] {
  const { onWrite, onDelete } = settings.dnsBlocked;
  return change.operation === 'DELETE' ? onDelete : onWrite;
}
