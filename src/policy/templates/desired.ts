import { policyTypesOf, specText } from '../dialects/network-policy/spec-text.ts';
import { MANAGED_PREFIX } from '../model/labels.ts';
import { Memo } from '../model/memo.ts';
import type { DnsFacts, ServiceFacts } from '../model/snapshot.ts';
import type { Template, TemplateItem } from '../model/template.ts';
import { type BaselineFacts, type Directions, partName, partSpec } from './parts.ts';

/** DesiredPolicy is a policy that a namespace with a baseline should have. */
export interface DesiredPolicy {
  readonly name: string;
  readonly spec: object;
  /** The spec as specText spells it. */
  readonly text: string;
}

/** Desired is what a template asks for under the current facts. */
export interface Desired {
  /** In the order to apply them: policies that allow come before those that only deny. */
  readonly policies: readonly DesiredPolicy[];
  /**
   * Names of policies that wait for facts. Nothing is applied under these names, and what is stored under them stays.
   * While no resolver is known, no policy that isolates pods for egress is applied, since it would cut them off from
   * DNS until one is found.
   */
  readonly waiting: readonly string[];
}

/** Written is what a template asks for, and its inputs besides the DNS servers. */
interface Written {
  readonly template: Template;
  readonly services: ServiceFacts;
  readonly desired: Desired;
}

/** By the template's name. */
const writings = new Memo<DnsFacts, Written>();

/** desiredPolicies writes the policies of a template. The same facts return the same object. */
export function desiredPolicies(template: Template, facts: BaselineFacts): Desired {
  const { dns, services } = facts;
  return writings.get(
    dns,
    template.name,
    () => ({ template, services, desired: write(template, facts) }),
    (written) => written.template === template && written.services === services,
  ).desired;
}

/**
 * desiredWhere is desiredPolicies for a namespace where `stands` tells whether something is stored under a name. While
 * pods use a nameserver that is not among the known ones, it asks for nothing that isolates for egress unless some of
 * it exists already.
 */
export function desiredWhere(template: Template, facts: BaselineFacts, stands: (name: string) => boolean): Desired {
  const desired = desiredPolicies(template, facts);
  if (facts.dns.mismatch === undefined) return desired;
  const lockdown = desired.policies.filter(isolatesEgress);
  if (lockdown.some(({ name }) => stands(name))) return desired;
  return {
    policies: desired.policies.filter((policy) => !isolatesEgress(policy)),
    waiting: [...lockdown.map(({ name }) => name), ...desired.waiting],
  };
}

function isolatesEgress({ spec }: DesiredPolicy): boolean {
  return policyTypesOf(spec).includes('Egress');
}

function write({ items }: Template, facts: BaselineFacts): Desired {
  const isolated = directionsOf(items);
  const policies: DesiredPolicy[] = [];
  const waiting: string[] = [];
  for (const item of items) {
    const name = 'part' in item ? `${MANAGED_PREFIX}${partName(item)}` : item.name;
    const spec = 'part' in item ? partSpec(item, facts, isolated) : item.spec;
    if (spec === undefined || (!facts.dns.isKnown && policyTypesOf(spec).includes('Egress'))) waiting.push(name);
    else policies.push({ name, spec, text: specText(spec) });
  }
  return { policies: [...policies.filter(allows), ...policies.filter((policy) => !allows(policy))], waiting };
}

function directionsOf(items: readonly TemplateItem[]): Directions {
  return {
    ingress: items.some((item) => isolates(item, 'Ingress')),
    egress: items.some((item) => isolates(item, 'Egress')),
  };
}

/** The purpose of a part by its name: what it allows within the namespace depends on all the others. */
function isolates(item: TemplateItem, direction: 'Ingress' | 'Egress'): boolean {
  if (!('part' in item)) return policyTypesOf(item.spec).includes(direction);
  switch (item.part) {
    case 'default-deny':
      return true;
    case 'allow-ingress-from':
    case 'default-deny-ingress':
      return direction === 'Ingress';
    case 'allow-same-namespace':
      return false;
    default:
      return direction === 'Egress';
  }
}

function allows({ spec }: DesiredPolicy): boolean {
  const { ingress, egress }: { readonly ingress?: unknown; readonly egress?: unknown } = spec;
  return [ingress, egress].some((rules) => Array.isArray(rules) && rules.length > 0);
}
