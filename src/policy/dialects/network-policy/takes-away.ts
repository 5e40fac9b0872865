import { field, isObject, type Json } from '../../../objects/fields.ts';
import { specText } from './spec-text.ts';

/** The field of a rule that lists its peers, by direction. */
const DIRECTIONS = [
  ['ingress', 'from'],
  ['egress', 'to'],
] as const;

/**
 * onlyTakesAway holds if a spec of a NetworkPolicy is the one before it without some rules, or without some peers or
 * ports of a rule. This can be decided even for policies that are too large to be read. The order counts. A rule
 * without its last peer or port allows more, not less. The work is proportional to both specs.
 */
export function onlyTakesAway(before: unknown, after: unknown): boolean {
  if (!isObject(before) || !isObject(after)) return false;
  return (
    restText(before) === restText(after) &&
    DIRECTIONS.every(([direction, peers]) => {
      const rules = (spec: Json) => listOf(spec, direction).map((rule) => textsOf(rule, peers));
      return isPart(rules(after), rules(before), isPartOfRule);
    })
  );
}

/** All but the rules; the types as they are written, since their defaults depend on the rules. */
function restText(spec: Json): string {
  const { ingress: _ingress, egress: _egress, ...rest } = spec;
  return specText({ ...rest, types: field(spec, 'policyTypes') });
}

/** The lists of one rule, each item as a text. */
type RuleTexts = readonly (readonly string[])[];

function textsOf(rule: unknown, peers: 'from' | 'to'): RuleTexts {
  const object = isObject(rule) ? rule : {};
  return [peers, 'ports'].map((key) => listOf(object, key).map((item) => JSON.stringify(item) ?? ''));
}

function isPartOfRule(rule: RuleTexts, old: RuleTexts): boolean {
  return rule.every((items, i) => {
    const all = old[i] ?? [];
    return (items.length > 0 || all.length === 0) && isPart(items, all, (item, other) => item === other);
  });
}

/**
 * isPart walks the whole once: if the parts embed in it at all, they also do so when each part takes the first item
 * that fits.
 */
function isPart<T>(parts: readonly T[], whole: readonly T[], fits: (part: T, item: T) => boolean): boolean {
  let next = 0;
  for (const item of whole) {
    const part = parts[next];
    if (part === undefined) return true;
    if (fits(part, item)) next += 1;
  }
  return next === parts.length;
}

function listOf(object: Json, key: string): readonly unknown[] {
  const value = field(object, key);
  return Array.isArray(value) ? value : [];
}
