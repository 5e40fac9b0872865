import { matchesGlob } from '../objects/glob.ts';
import { BudgetSpent } from '../sets/budget.ts';
import type { Change } from './model/change.ts';
import { type Finding, MAX_FINDINGS, type ObjectRef } from './model/finding.ts';
import { rulePage } from './model/rule-page.ts';
import type { ExemptionEntry, Modes, Settings } from './model/settings.ts';
import type { ClusterSnapshot } from './model/snapshot.ts';
import { RULES } from './rules/index.ts';
import { entriesFor, exemptionOf, exempts } from './situation/exemptions.ts';
import { modesOf } from './situation/modes.ts';
import { keepsSpec } from './situation/narrowing.ts';
import { mayDeny, pinnedEffect, remarkOnPin } from './situation/pinning.ts';
import type { Rule } from './situation/rule.ts';
import { type Situation, situationOf } from './situation/situation.ts';
import { finalizersGiven } from './templates/finalizers.ts';

/** Verdict is the full result for one change. */
export interface Verdict {
  /** Sorted: those that deny first, then by path and rule. */
  readonly findings: readonly Finding[];
  /** Findings that an exemption suppressed, each as `rule (why)`. */
  readonly exempted: readonly string[];
  /** Notes beside the findings, such as an expired exemption or a namespace label that is not a level. */
  readonly notes: readonly string[];
  readonly denied: boolean;
  /** Whether a policy that is about to arrive may fix everything that denies the change. */
  readonly worthWaiting: boolean;
}

const NOTHING: Verdict = { findings: [], exempted: [], notes: [], denied: false, worthWaiting: false };

const TURNS: readonly Rule['turn'][] = ['first', undefined, 'last'];

const IN_TURN: readonly Rule[] = TURNS.flatMap((turn) => RULES.filter((rule) => rule.turn === turn));

const WORTH_WAITING: ReadonlySet<string> = new Set(
  RULES.filter(({ worthWaiting }) => worthWaiting === true).map(({ id }) => id),
);

/**
 * evaluate judges one change against the cluster. Pure: `now` (milliseconds since the epoch) only decides which
 * exemptions have expired.
 */
export function evaluate(change: Change, snapshot: ClusterSnapshot, settings: Settings, now: number): Verdict {
  const object = objectOf(change);
  if (object === undefined || isGoing(change, snapshot)) return NOTHING;
  const { modes, notes } = modesOf(snapshot.namespace(change.namespace)?.labels ?? new Map(), settings.modes);
  const { valid, expired } = entriesFor(change.namespace, object.name, settings, now);
  const wholly = exemptionOf(change, settings);
  const judged: Judged = { situation: situationOf(change, snapshot, settings), object, modes };
  const findings: Finding[] = [];
  const exempted = new Set<string>();
  const remarks = new Set(notes);
  for (const rule of rulesFor(change, settings)) {
    const why = wholly ?? valid.find((entry) => exempts(entry, rule.id))?.reason;
    const { found, isCut, pinned } = findingsOf(rule, judged, why !== undefined);
    if (found.length === 0) continue;
    if (why !== undefined) {
      exempted.add(`${rule.id} (${why})`);
      continue;
    }
    findings.push(...found);
    for (const remark of [...remarksOn(rule, isCut, expired), ...pinned]) remarks.add(remark);
  }
  return verdictOf(findings.sort(byImportance), [...exempted], [...remarks]);
}

function objectOf({ before, after, unread }: Change): ObjectRef | undefined {
  return (after ?? unread ?? before)?.ref;
}

function remarksOn({ id }: Rule, isCut: boolean, expired: readonly ExemptionEntry[]): readonly string[] {
  const cut = isCut ? [`${id}: there are more of these; only the first ${MAX_FINDINGS} are reported`] : [];
  const about = expired.filter((entry) => exempts(entry, id));
  return [
    ...cut,
    ...about.map(
      ({ reason, expires }) => `the exemption "${reason}" expired on ${dayOf(expires)} and no longer counts`,
    ),
  ];
}

function verdictOf(findings: readonly Finding[], exempted: readonly string[], notes: readonly string[]): Verdict {
  const denying = findings.filter(({ effect }) => effect === 'deny');
  const denied = denying.length > 0;
  const worthWaiting = denied && denying.every(({ rule }) => WORTH_WAITING.has(rule));
  return { findings, exempted, notes, denied, worthWaiting };
}

/**
 * A deletion is never blocked, for any user; but an object that is being deleted may not get another spec, nor anything
 * that delays its deletion.
 */
function isGoing(change: Change, snapshot: ClusterSnapshot): boolean {
  const { operation, namespace, before, after } = change;
  if (operation !== 'UPDATE' && operation !== 'DELETE') return false;
  const isLeaving = before?.deleting === true || (snapshot.namespace(namespace)?.terminating ?? false);
  if (!isLeaving || operation === 'DELETE') return isLeaving;
  if (before === undefined || after === undefined) return false;
  return finalizersGiven(before, after).length === 0 && keepsSpec(change);
}

function rulesFor({ namespace, unread }: Change, settings: Settings): readonly Rule[] {
  const system = settings.systemNamespaces.some((glob) => matchesGlob(glob, namespace));
  return IN_TURN.filter(
    ({ id, inSystemNamespaces, judgesUnread }) =>
      settings.rules.get(id) !== 'off' &&
      (!system || inSystemNamespaces === true) &&
      (unread === undefined || judgesUnread === true),
  );
}

/** Judged is the input of a rule. */
interface Judged {
  readonly situation: Situation;
  readonly object: ObjectRef;
  readonly modes: Modes;
}

function findingsOf(
  rule: Rule,
  { situation, object, modes }: Judged,
  isExempt: boolean,
): { found: readonly Finding[]; isCut: boolean; pinned: readonly string[] } {
  const { settings } = situation;
  const pinned = new Set<string>();
  const denying: Finding[] = [];
  const others: Finding[] = [];
  let isCut = false;
  try {
    for (const issue of rule.check(situation)) {
      const level = issue.level ?? rule.level;
      const { effect, newer } = pinnedEffect(rule, issue, level, { modes, settings });
      if (effect === undefined) continue;
      if (newer !== undefined) pinned.add(remarkOnPin(rule, newer, settings));
      const kept = effect === 'deny' ? denying : others;
      const docs = rulePage(settings.docsBaseUrl, rule.id);
      const isDeletion = situation.change.operation === 'DELETE';
      kept.push({ ...issue, rule: rule.id, level, effect, object, isDeletion, docs });
      if (kept.length <= MAX_FINDINGS) continue;
      kept.pop();
      isCut = true;
      // There may be thousands of warnings before a denial.
      if (effect === 'deny' || !mayDeny(rule, level, { modes, settings })) break;
    }
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    if (!isExempt) situation.undecided.push(rule);
  }
  return { found: [...denying, ...others], isCut, pinned: [...pinned] };
}

const EFFECTS: readonly Finding['effect'][] = ['deny', 'warn', 'audit'];

function byImportance(a: Finding, b: Finding): number {
  return (
    EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect) ||
    a.path.localeCompare(b.path, 'en', { numeric: true }) ||
    (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0)
  );
}

function dayOf(expires: number | undefined): string {
  return expires === undefined ? 'an unknown day' : new Date(expires).toISOString().slice(0, 10);
}
