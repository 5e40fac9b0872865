import type { Change } from './change.ts';
import { entriesFor, exemptionOf, exempts } from './exemptions.ts';
import type { Finding, ObjectRef } from './finding.ts';
import { matchesGlob } from './glob.ts';
import { effectOf, modesOf } from './modes.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import type { Settings } from './settings.ts';
import { type Situation, situationOf } from './situation.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** Verdict is everything there is to say about one change. */
export interface Verdict {
  /** Sorted: those that deny first, then by path and rule. */
  readonly findings: readonly Finding[];
  /** What an exemption took out of force, each as `rule (why)`. */
  readonly exempted: readonly string[];
  /** Notes beside the findings, such as an expired exemption or a namespace label that is not a level. */
  readonly notes: readonly string[];
  readonly denied: boolean;
}

const NOTHING: Verdict = { findings: [], exempted: [], notes: [], denied: false };

/** The one rule that also applies in system namespaces: a lockdown must not cover the DNS plane. */
const SYSTEM_RULE = 'dns-servers-isolated';

/**
 * evaluate judges one change against the cluster. Pure: `now` (milliseconds since the epoch) only decides which
 * exemptions have expired.
 */
export function evaluate(change: Change, snapshot: ClusterSnapshot, settings: Settings, now: number): Verdict {
  const object = (change.after ?? change.before)?.ref;
  if (object === undefined || isLeaving(change, snapshot)) return NOTHING;
  const { modes, notes } = modesOf(snapshot.namespace(change.namespace)?.labels ?? new Map(), settings.modes);
  const { valid, expired } = entriesFor(change.namespace, object.name, settings, now);
  const wholly = exemptionOf(change, settings);
  const situation = situationOf(change, snapshot, settings);
  const findings: Finding[] = [];
  const exempted: string[] = [];
  const lapsed = new Set<string>();
  for (const rule of rulesFor(change, settings)) {
    for (const finding of findingsOf(rule, situation, object, (issue) =>
      effectOf(issue, rule.level, settings.rules.get(rule.id), modes),
    )) {
      const entry = valid.find((candidate) => exempts(candidate, rule.id));
      const why = wholly ?? entry?.reason;
      if (why !== undefined) exempted.push(`${rule.id} (${why})`);
      else {
        findings.push(finding);
        for (const old of expired) {
          if (exempts(old, rule.id))
            lapsed.add(`the exemption "${old.reason}" expired on ${dayOf(old.expires)} and no longer counts`);
        }
      }
    }
  }
  findings.sort(byImportance);
  const denied = findings.some(({ effect }) => effect === 'deny');
  return { findings, exempted: [...new Set(exempted)], notes: [...notes, ...lapsed], denied };
}

/** What goes away is never held up, whoever asks. */
function isLeaving({ operation, namespace, before, after }: Change, snapshot: ClusterSnapshot): boolean {
  if (operation !== 'UPDATE' && operation !== 'DELETE') return false;
  return (
    (snapshot.namespace(namespace)?.terminating ?? false) ||
    (after ?? before)?.deleting === true ||
    before?.deleting === true
  );
}

function rulesFor({ namespace }: Change, settings: Settings): readonly Rule[] {
  const system = settings.systemNamespaces.some((glob) => matchesGlob(glob, namespace));
  return RULES.filter(({ id }) => settings.rules.get(id) !== 'off' && (!system || id === SYSTEM_RULE));
}

function findingsOf(
  rule: Rule,
  situation: Situation,
  object: ObjectRef,
  effectFor: (issue: Finding | ReturnType<Rule['check']>[number]) => Finding['effect'] | undefined,
): readonly Finding[] {
  return rule.check(situation).flatMap((issue) => {
    const effect = effectFor(issue);
    if (effect === undefined) return [];
    const docs = `${situation.settings.docsBaseUrl}/rules/${rule.id}.md`;
    return [{ ...issue, rule: rule.id, level: rule.level, effect, object, docs }];
  });
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
