import type { Coverage } from '../../sets/coverage.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import { type DnsGap, dnsGap, type GapVerdict, gapVerdicts, knownWaysOf, waysOf } from '../dns/gap.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach } from '../dns/reach.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Policy } from '../model/policy.ts';
import { coveredBy } from '../model/policy-state.ts';
import type { Situation } from '../situation/situation.ts';
import { FAULTS } from './faults.ts';

/** ISOLATING is the class of policies that isolate pods for egress. */
export const ISOLATING: PolicyClass = { includes: (policy) => policy.isolatesEgress };

/** ISOLATED_BEFORE is the same before the change, without policies that are being deleted: they excuse nothing. */
const ISOLATED_BEFORE: PolicyClass = { includes: (policy) => policy.isolatesEgress && !policy.deleting };

/** GRANTING is the class of policies that allow their pods any egress at all. */
export const GRANTING: PolicyClass = { includes: (policy) => policy.egress.length > 0 };

/** DnsLoss is what an isolating policy costs its subjects after the change. */
export interface DnsLoss {
  /** The policy that isolates: the changed one, or one that leaned on it. */
  readonly policy: Policy;
  readonly gap: DnsGap;
  readonly verdicts: readonly GapVerdict[];
}

/** The most policies to find that leaned on a changed carve-out; the message names five. */
const MAX_OTHERS = 20;

const remembered = new Memo<Situation, readonly DnsLoss[]>();

/** dnsLosses judges the changed policy, and each other one whose pods the change may have cost their DNS. */
export function dnsLosses(situation: Situation): readonly DnsLoss[] {
  return remembered.get(situation, '', () =>
    [...judged(situation)].flatMap((policy) => lossOf(situation, policy) ?? []),
  );
}

function* judged(situation: Situation): Generator<Policy> {
  const { change, after, policy } = situation;
  if (policy?.isolatesEgress) yield policy;
  const old = change.before;
  if (old === undefined || !isLost(situation, old.subject)) return;
  let count = 0;
  for (const other of after.selecting(ISOLATING, old.subject)) {
    if (other === policy || !isLost(situation, other.subject.intersect(old.subject))) continue;
    yield other;
    count += 1;
    if (count === MAX_OTHERS) return;
  }
}

/** isLost holds if some of these pods had a way to DNS through the old policy, and none is left over one protocol. */
function isLost(situation: Situation, subject: LabelSelector): boolean {
  return situation.reaches.some((reach) =>
    DNS_PROTOCOLS.some((protocol) => keepsWay(situation, subject, reach, protocol) !== 'covered'),
  );
}

/**
 * keepsWay decides whether these pods, all of which the old policy selected, keep the way that it gave them; one that is
 * less sure is `unknown`.
 */
function keepsWay(
  { change: { before: old }, after, budget }: Situation,
  subject: LabelSelector,
  reach: DnsReach,
  protocol: DnsProtocol,
): Coverage['kind'] {
  const given = old === undefined ? 'no' : reach.of(old)[protocol];
  if (given === 'no') return 'covered';
  const { kind } = after.covers(subject, waysOf(reach, protocol), budget);
  const isAsSure = given === 'unsure' || !after.hasAny(reach.policiesThat('unsure', protocol), subject);
  if (kind !== 'covered' || isAsSure) return kind;
  return after.covers(subject, knownWaysOf(reach, protocol), budget).kind === 'covered' ? 'covered' : 'unknown';
}

/** If several worlds are possible, the one in which the policy does best counts. */
function lossOf({ after, reaches, budget }: Situation, policy: Policy): DnsLoss | undefined {
  let least: DnsLoss | undefined;
  for (const reach of reaches) {
    const gap = dnsGap(after, policy.subject, reach, budget);
    const loss = { policy, gap, verdicts: gapVerdicts(gap) };
    if (least === undefined || severity(loss) < severity(least)) least = loss;
    if (severity(least) === 0) break;
  }
  return least;
}

/** A way only through an ipBlock is not a fault, but is weaker than a way that certainly works. */
function severity({ verdicts, gap }: DnsLoss): number {
  const byPlugin = Object.values(gap.over).some(({ reached, doubts }) => reached !== 'all' && doubts.has('plugin'));
  const faults = verdicts.map(({ fault, uncertain }) => FAULTS[fault].severity - (uncertain === undefined ? 0 : 0.5));
  return Math.max(0, byPlugin ? 0.5 : 0, ...faults);
}

/**
 * isNewLoss decides whether the change costs some of these pods a way to DNS over one of the protocols that they had or
 * did not need. Pods that were already isolated and did not reach DNS before lose nothing.
 */
export function isNewLoss(
  situation: Situation,
  subject: LabelSelector,
  reach: DnsReach,
  protocols: readonly DnsProtocol[],
): Coverage['kind'] {
  if (situation.change.operation === 'AUDIT') return 'uncovered';
  let worst: Coverage['kind'] = 'covered';
  for (const protocol of protocols) {
    const kind = isNewOver(situation, subject, reach, protocol);
    if (kind === 'uncovered') return kind;
    if (kind === 'unknown') worst = kind;
  }
  return worst;
}

function isNewOver(
  situation: Situation,
  subject: LabelSelector,
  reach: DnsReach,
  protocol: DnsProtocol,
): Coverage['kind'] {
  const { before, after, change, budget } = situation;
  const old = change.before;
  if (old !== undefined) {
    const kept = keepsWay(situation, subject.intersect(old.subject), reach, protocol);
    if (kept !== 'covered') return kept;
  }
  const reachOrIsolated = [
    ...waysOf(reach, protocol).map((policyClass) => ({ state: after, policyClass })),
    { state: before, policyClass: ISOLATED_BEFORE },
  ];
  return coveredBy(subject, reachOrIsolated, budget).kind;
}
