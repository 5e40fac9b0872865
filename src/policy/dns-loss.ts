import { type Coverage, isCovered, newBudget } from '../sets/coverage.ts';
import type { LabelSelector } from '../sets/label-selector.ts';
import { type DnsGap, dnsGap, type GapVerdict, gapVerdicts, waysOf } from './dns-gap.ts';
import type { DnsProtocol, DnsReach } from './dns-reach.ts';
import type { Policy } from './model.ts';
import type { PolicyClass } from './namespace-policies.ts';
import type { Situation } from './situation.ts';

/** ISOLATING is the class of policies that isolate pods for egress. */
export const ISOLATING: PolicyClass = { includes: (policy) => policy.isolatesEgress };

/** GRANTING is the class of policies that allow their pods some egress, whichever. */
export const GRANTING: PolicyClass = { includes: (policy) => policy.egress.length > 0 };

/** DnsLoss is what an isolating policy costs its subjects after the change. */
export interface DnsLoss {
  /** The policy that isolates: the changed one, or one that leaned on it. */
  readonly policy: Policy;
  readonly gap: DnsGap;
  readonly verdicts: readonly GapVerdict[];
}

/** Of the policies that leaned on a changed carve-out, so many are looked at; the message names five. */
const MAX_OTHERS = 1_000;

const memory = new WeakMap<Situation, readonly DnsLoss[]>();

/** dnsLosses judges the changed policy, and each other one whose pods the change may have cost their DNS. */
export function dnsLosses(situation: Situation): readonly DnsLoss[] {
  let losses = memory.get(situation);
  if (losses === undefined) {
    losses = [...judged(situation)].map((policy) => lossOf(situation, policy));
    memory.set(situation, losses);
  }
  return losses;
}

function* judged({ change, after, policy, reaches }: Situation): Generator<Policy> {
  if (policy?.isolatesEgress) yield policy;
  const old = change.before;
  if (old === undefined || !reaches.some((reach) => reach.of(old).UDP !== 'no' || reach.of(old).TCP !== 'no')) return;
  let count = 0;
  for (const other of after.selecting(ISOLATING, old.subject)) {
    if (other === policy) continue;
    count += 1;
    if (count > MAX_OTHERS) return;
    yield other;
  }
}

/** Where several worlds are possible, the one in which the policy does best counts. */
function lossOf({ after, reaches }: Situation, policy: Policy): DnsLoss {
  const losses = reaches.map((reach) => {
    const gap = dnsGap(after, policy.subject, reach);
    return { policy, gap, verdicts: gapVerdicts(gap) };
  });
  return losses.reduce((bestSoFar, loss) => (severity(loss) < severity(bestSoFar) ? loss : bestSoFar));
}

const SEVERITY: Readonly<Record<GapVerdict['fault'], number>> = {
  'dns-blocked': 5,
  'dns-over-udp-blocked': 4,
  'dns-over-tcp-blocked': 2,
  'dns-partly-blocked': 1,
};

/** A way through an ipBlock alone leaves no fault, but is less than a way that surely works. */
function severity({ verdicts, gap }: DnsLoss): number {
  const byPlugin = Object.values(gap.over).some(({ reached, doubts }) => reached !== 'all' && doubts.has('plugin'));
  const faults = verdicts.map(({ fault, uncertain }) => SEVERITY[fault] - (uncertain === undefined ? 0 : 0.5));
  return Math.max(0, byPlugin ? 0.5 : 0, ...faults);
}

/**
 * isNewLoss decides whether the change costs some of these pods a way to DNS that they had, or had no need of: pods
 * that were isolated before and did not reach DNS then either lose nothing.
 */
export function isNewLoss(
  situation: Situation,
  subject: LabelSelector,
  reach: DnsReach,
  protocols: readonly DnsProtocol[],
): Coverage['kind'] {
  const { before, after, change } = situation;
  if (change.operation === 'AUDIT') return 'uncovered';
  const ways = waysOf(reach, protocols);
  const old = change.before;
  if (old !== undefined && ways.some((way) => way.includes(old))) {
    const lost = after.covers(subject.intersect(old.subject), ways, newBudget());
    if (lost.kind !== 'covered') return lost.kind;
  }
  return before.covers(subject, [ISOLATING], newBudget()).kind === 'covered'
    ? 'covered'
    : coversEither(situation, subject, ways);
}

/** Each pod either reaches DNS after the change, or was isolated before it. */
function coversEither(
  { before, after }: Situation,
  subject: LabelSelector,
  ways: readonly PolicyClass[],
): Coverage['kind'] {
  const selectors = new Map<string, LabelSelector>();
  for (const way of ways) for (const { subject: s } of after.selecting(way, subject)) selectors.set(s.key, s);
  for (const { subject: s } of before.selecting(ISOLATING, subject)) selectors.set(s.key, s);
  return isCovered(subject, selectors.values(), newBudget()).kind;
}
