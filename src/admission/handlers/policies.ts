import type { Verdict } from '../../policy/evaluate.ts';
import type { Change } from '../../policy/model/change.ts';
import { DELETERS } from '../../policy/model/deleters.ts';
import type { PolicyKind } from '../../policy/model/dialect.ts';
import type { Finding } from '../../policy/model/finding.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { Turns } from '../../runtime/turns.ts';
import { Overloaded } from '../review/bad-request.ts';
import type { HandlerContext, OnGone, ReviewHandler } from '../review/handler.ts';
import { auditAnnotations, statusCauses, statusMessage, warningLines, warningsOf } from '../review/message.ts';
import type { UnconfirmedReason } from '../review/observer.ts';
import { type Reading, readBefore, readChange } from '../review/read-change.ts';
import { type Answer, allowed, denied, tryLater, withAnnotations, withWarnings } from '../review/response.ts';
import { demandKind, forgetObjects } from '../review/review.ts';
import { createConfirmation } from './confirmation.ts';
import { Held } from './held.ts';

/**
 * createPolicyHandler answers reviews of a kind of policy. An allowing verdict makes no call; a refusing one is
 * confirmed. All reading and judging happens in turns of the namespaces.
 */
export function createPolicyHandler(context: HandlerContext, kind: PolicyKind): ReviewHandler {
  const { evaluate, gatherSnapshot, settings, live, clock, observer } = context;
  const confirmed = live && createConfirmation(live, gatherSnapshot, clock, observer);
  const held = new Held();
  const turns = new Turns(clock);

  return async (request, deadline, onGone) => {
    demandKind(request, kind.kind);
    const { namespace } = request;
    const whileHeard = whileAnybodyWaits(onGone);
    const inTurn = <T>(work: () => T): Promise<T> => turns.take(namespace, whileHeard(work));
    const judge = (change: Change, snapshot: ClusterSnapshot) => evaluate(change, snapshot, settings(), clock.now());

    const answer = (verdict: Verdict, whyLater?: string) => answerTo(verdict, context, whyLater);
    const judged = (reading: Reading) =>
      reading.answer === undefined ? { ...reading, first: judge(reading.change, gatherSnapshot()) } : reading;
    const read = (before: ReturnType<typeof readBefore>) => {
      const reading = readChange(request, before, kind);
      forgetObjects(request);
      return reading;
    };
    const inOneTurn = () => inTurn(() => judged(read(readBefore(request, kind))));
    const inTurns = async () => {
      const before = await inTurn(() => readBefore(request, kind));
      const reading = await inTurn(() => read(before));
      return await inTurn(() => judged(reading));
    };
    const { answer: unjudged, change, first } = await (request.isLarge === true ? inTurns() : inOneTurn());
    if (unjudged !== undefined) return unjudged;
    if (!first.denied || confirmed === undefined) return answer(first);
    const judgeAgain = (look: () => ClusterSnapshot) => inTurn(() => judge(change, look()));
    const { graceMs } = settings().dnsBlocked;
    const second = await held.during(change, () => confirmed({ namespace, judge: judgeAgain, deadline, graceMs }));
    if (typeof second !== 'string') return answer(second);
    if (isEmptying(change)) return answer(warningInstead(first));
    observer.unconfirmed(second);
    return answer(first, WHY_LATER[second]);
  };
}

/** whileAnybodyWaits skips work if no client waits for it any more when its turn comes. */
function whileAnybodyWaits(onGone: OnGone | undefined): <T>(work: () => T) => () => T {
  let isGone = false;
  onGone?.(() => {
    isGone = true;
  });
  return (work) => () => {
    if (isGone) throw new Overloaded('gone', 'the client disconnected before the turn of this review');
    return work();
  };
}

/**
 * The writer sets the timeout and can make the read slow, so an unconfirmed change is not admitted. Nor is it refused,
 * since the cache may be outdated.
 */
const WHY_LATER: Readonly<Record<UnconfirmedReason, string>> = {
  late: 'netpol-guard would refuse this, but the API server did not confirm in time that it still should',
  busy: 'netpol-guard would refuse this, but too many refusals wait for the API server to confirm them',
};

/** A namespace that is being deleted is not delayed, not even for a second. */
function isEmptying({ operation, user }: Change): boolean {
  return operation === 'DELETE' && user !== undefined && DELETERS.includes(user.username);
}

function warningInstead(verdict: Verdict): Verdict {
  const uncertain = 'the API server could not be asked in time';
  const findings = verdict.findings.map(
    (finding): Finding => (finding.effect === 'deny' ? { ...finding, effect: 'warn', uncertain } : finding),
  );
  return { ...verdict, findings, denied: false };
}

/** `whyLater` puts a refusal off: it is answered with 429, which clients retry by themselves. */
function answerTo(
  verdict: Verdict,
  { observer, settings }: Pick<HandlerContext, 'observer' | 'settings'>,
  whyLater: string | undefined,
): Answer {
  for (const { rule, effect } of verdict.findings) observer.found(rule, effect);
  const refusing = verdict.findings.filter(({ effect }) => effect === 'deny');
  const warning = verdict.findings.filter(({ effect }) => effect === 'warn');
  const answer = verdict.denied ? refusal(refusing, settings().contact, whyLater) : allowed();
  const lines = warningLines([...warningsOf(warning), ...verdict.notes]);
  return withAnnotations(withWarnings(answer, lines), auditAnnotations(verdict));
}

function refusal(findings: readonly Finding[], contact: string, whyLater: string | undefined): Answer {
  const message = statusMessage(findings, contact);
  const causes = statusCauses(findings);
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return whyLater === undefined
    ? denied(message, causes, rules)
    : tryLater(`${whyLater}; try again in a second${message}`, causes, rules);
}
