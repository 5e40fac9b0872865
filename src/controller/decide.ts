import { BASELINE_LABEL, NO_TEMPLATE, PENDING, STATUS_LABEL } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import { type Desired, type DesiredPolicy, desiredWhere } from '../policy/templates/desired.ts';
import { mayHaveBaseline, templateOf } from '../policy/templates/namespace-template.ts';
import type { BaselineFacts } from '../policy/templates/parts.ts';
import { REPAIR_PREFIX } from '../policy/templates/repair-name.ts';
import { type Missing, missingLabel } from './adoption.ts';

/** StoredPolicy is a policy under one of netpol-guard's names, as far as is known. */
export interface StoredPolicy {
  /** Its spec, as specText spells it. */
  readonly text: string;
  /** Whether it carries the labels that netpol-guard applies. */
  readonly labelled: boolean;
  /** Whether it allows nothing: such ones go before those that allow. */
  readonly denies: boolean;
}

/** ApplyAnswer is the API server's result of applying a policy. */
export interface ApplyAnswer {
  /** The spec that was applied, as specText spells it. */
  readonly wanted: string;
  /** What was stored: something on the way may have changed it. */
  readonly stored: StoredPolicy;
  /** Milliseconds since any moment. */
  readonly at: number;
}

/** Input is everything that a decision about one namespace depends on. */
export interface Input {
  readonly namespace: NamespaceFacts;
  /** Policies with MANAGED_PREFIX, by name. */
  readonly standing: ReadonlyMap<string, StoredPolicy>;
  /** By name of the policy. */
  readonly answers: ReadonlyMap<string, ApplyAnswer>;
  /** Names of policies with MANAGED_PREFIX that someone else created. */
  readonly foreign: ReadonlySet<string>;
  /** Whether the labels were already changed, although the cache does not show it yet. */
  readonly isPatched: boolean;
  readonly settings: Settings;
  readonly facts: BaselineFacts;
  /** The policies that give pods their DNS back; undefined while they are not known. */
  readonly repairs: readonly DesiredPolicy[] | undefined;
  /** See missingLabel. */
  readonly baselineSince: number | undefined;
  /** On the clock of the answers. */
  readonly now: number;
}

/** Action is one thing to do about a namespace. */
export type Action =
  | { readonly kind: 'label'; readonly label: Missing }
  /** `isNew`: nothing has that name yet. `heals`: it was applied before, and someone undid it. */
  | { readonly kind: 'apply'; readonly policy: DesiredPolicy; readonly isNew: boolean; readonly heals: boolean }
  | { readonly kind: 'delete'; readonly name: string }
  /** Remove the label that holds pods back; only if everything is stored as it was applied. */
  | { readonly kind: 'release' };

/**
 * State is the state of a namespace once the actions are done: `none` has no template, `unknown` one that the
 * configuration does not have, `waiting` lacks facts, and what is applied in `altered` is changed by others on its way.
 */
export type State = 'ready' | 'waiting' | 'altered' | 'unknown' | 'none';

/** Decision is what to do about one namespace; no actions if everything is as it should be. */
export interface Decision {
  /** In this order: later actions depend on earlier ones. */
  readonly actions: readonly Action[];
  /** The template's name, `none` or `<unknown>`. */
  readonly template: string;
  readonly state: State;
  /** Names of the policies that wait for facts. */
  readonly waiting: readonly string[];
  /** When to check again without an event; undefined for never. */
  readonly againAfterMs: number | undefined;
}

/** How long a policy that others change on its way is left as they want it before it is applied again. */
const ALTERED_MS = 60_000;
const NOTHING: Desired = { policies: [], waiting: [] };

/** decide returns what to do about a namespace that is not being deleted. Pure. */
export function decide(input: Input): Decision {
  const { namespace, settings, facts, repairs = [] } = input;
  const template = templateOf(namespace, settings);
  const stood = (name: string) => input.standing.has(name) || input.answers.has(name);
  const desired = template === undefined ? NOTHING : desiredWhere(template, facts, stood);
  const altered = [...desired.policies, ...repairs].flatMap((policy) => alteration(policy, input) ?? []);
  const unknown = template === undefined && namesTemplate(namespace, settings);
  return {
    actions: actionsFor(input, desired, unknown),
    template: template?.name ?? (unknown ? '<unknown>' : NO_TEMPLATE),
    state: template === undefined ? (unknown ? 'unknown' : 'none') : stateOf(desired, altered.length > 0),
    waiting: desired.waiting,
    againAfterMs: altered.length === 0 ? undefined : Math.max(0, Math.min(...altered) + ALTERED_MS - input.now),
  };
}

function actionsFor(input: Input, { policies, waiting }: Desired, unknown: boolean): readonly Action[] {
  const { namespace, settings, repairs = [], isPatched } = input;
  const label = missingLabel(namespace, settings, input.baselineSince);
  const stands = policies.every((policy) => alteration(policy, input) === undefined);
  const releases = isPending(namespace) && label === undefined && stands && !isPatched;
  // Pods only wait for the baseline, and refusals of other policies must not delay them.
  return [
    ...(label === undefined || isPatched ? [] : [{ kind: 'label' as const, label }]),
    ...policies.flatMap((policy) => applying(policy, input) ?? []),
    ...(releases ? [{ kind: 'release' as const }] : []),
    ...repairs.flatMap((policy) => applying(policy, input) ?? []),
    ...deletions(input, [...policies, ...repairs], unknown || label !== undefined || waiting.length > 0),
  ];
}

function stateOf({ waiting }: Desired, isAltered: boolean): State {
  if (waiting.length > 0) return 'waiting';
  return isAltered ? 'altered' : 'ready';
}

function namesTemplate({ name, labels }: NamespaceFacts, settings: Settings): boolean {
  const value = labels.get(BASELINE_LABEL);
  return value !== undefined && value !== NO_TEMPLATE && mayHaveBaseline(name, settings);
}

function isPending({ labels }: NamespaceFacts): boolean {
  return labels.get(STATUS_LABEL) === PENDING;
}

/** isAsWanted holds where a policy is stored with that spec, and with our labels. */
export function isAsWanted(stands: StoredPolicy | undefined, text: string): boolean {
  return stands?.text === text && stands.labelled;
}

/** alteration returns when the policy was applied, if others changed it on its way. */
function alteration({ name, text }: DesiredPolicy, { standing, answers }: Input): number | undefined {
  const [stands, answer] = [standing.get(name), answers.get(name)];
  if (stands === undefined || answer?.wanted !== text || isAsWanted(answer.stored, text)) return undefined;
  const { stored } = answer;
  return stands.text === stored.text && stands.labelled === stored.labelled ? answer.at : undefined;
}

function applying(policy: DesiredPolicy, input: Input): Action | undefined {
  const { standing, answers, namespace, now } = input;
  const stands = standing.get(policy.name);
  const answer = answers.get(policy.name);
  const apply = { kind: 'apply', policy, isNew: stands === undefined, heals: false } as const;
  const alteredAt = alteration(policy, input);
  if (alteredAt !== undefined) return now - alteredAt < ALTERED_MS ? undefined : apply;
  if (!isAsWanted(stands, policy.text)) return { ...apply, heals: answer?.wanted === policy.text };
  // A cache may lag: no pod is admitted before the API server itself has confirmed that everything is stored.
  return isPending(namespace) && answer?.stored.text !== policy.text ? apply : undefined;
}

/** Policies that only deny are removed first, so that no pod is ever left with only those. */
function deletions(input: Input, wanted: readonly DesiredPolicy[], keepsTemplates: boolean): readonly Action[] {
  const keepsAll = keepsTemplates || isUndecided(input);
  const keepsRepairs = input.repairs === undefined || !input.facts.dns.isKnown;
  const isKept = (name: string) => (name.startsWith(REPAIR_PREFIX) ? keepsRepairs : keepsAll);
  return [...input.standing]
    .filter(([name]) => !wanted.some((policy) => policy.name === name) && !input.foreign.has(name) && !isKept(name))
    .sort(([, a], [, b]) => Number(b.denies) - Number(a.denies))
    .map(([name]) => ({ kind: 'delete', name }));
}

/** Whether it is still unknown if a namespace without a label should get one. */
function isUndecided({ namespace, settings, baselineSince }: Input): boolean {
  return (
    baselineSince === undefined && settings.baseline.template !== undefined && !namespace.labels.has(BASELINE_LABEL)
  );
}
