import { parsePath } from '../objects/field-path.ts';
import { InvalidObject } from '../objects/invalid-object.ts';
import { readNetworkPolicy } from '../policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Finding } from '../policy/model/finding.ts';
import { describeFix } from '../policy/model/fix.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { DnsWorld } from '../policy/model/snapshot.ts';
import type { Template } from '../policy/model/template.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { baselineModified } from '../policy/rules/baseline-modified.ts';
import { desiredPolicies } from '../policy/templates/desired.ts';
import { partName } from '../policy/templates/parts.ts';
import { managedName } from './baseline.ts';
import { type Fault, faultAt } from './problem.ts';

/**
 * templateRuleFaults finds where a template of the configuration's own breaks a rule: its policies are judged together,
 * in a namespace that has nothing else, at level standard. If cluster DNS may be in several places, it is enough that a
 * template is right for one of them.
 */
export function templateRuleFaults(settings: Settings, names: readonly string[]): readonly Fault[] {
  const strictly = asRefused(settings);
  const { worlds } = offlineSnapshot(NOTHING, strictly).dns;
  return names.flatMap((name) => {
    const template = settings.baseline.templates.get(name);
    if (template === undefined) return [];
    const perWorld = worlds.map((world) => faultsIn(template, world, strictly));
    return perWorld.some((faults) => faults.length === 0) ? [] : (perWorld[0] ?? []);
  });
}

const NOTHING = { namespaces: [], policies: [], otherPolicies: [] };

/** Managed policies are neither exempt nor repaired, and may have their reserved names. */
function asRefused(settings: Settings): Settings {
  const { dnsBlocked, rules } = settings;
  return {
    ...settings,
    modes: { enforce: 'standard', warn: 'off', audit: 'off' },
    rules: new Map([...rules, [baselineModified.id, 'off']]),
    exemptions: { namespaces: [], users: [], groups: [], entries: [] },
    systemNamespaces: [],
    dnsBlocked: { ...dnsBlocked, onWrite: dnsBlocked.onWrite === 'repair' ? 'deny' : dnsBlocked.onWrite },
  };
}

function faultsIn(template: Template, world: DnsWorld, settings: Settings): readonly Fault[] {
  const offline = offlineSnapshot(NOTHING, settings);
  const dns = { ...offline.dns, worlds: [world] };
  const namespace = template.name;
  const faults: Fault[] = [];
  const policies = desiredPolicies(template, { dns, services: offline.services }).policies.flatMap(({ name, spec }) => {
    try {
      return [readNetworkPolicy({ metadata: { name, namespace }, spec }, namespace)];
    } catch (error) {
      if (!(error instanceof InvalidObject)) throw error;
      faults.push(faultOf(template, name, error.path, error.message.slice(error.path.length + 2)));
      return [];
    }
  });
  const snapshot = { ...offlineSnapshot({ ...NOTHING, policies }, settings), dns };
  for (const policy of policies) {
    const { findings } = evaluate({ operation: 'AUDIT', namespace, after: policy }, snapshot, settings, 0);
    const denying = findings.filter(({ effect }) => effect === 'deny');
    faults.push(...denying.map((finding) => faultOf(template, policy.ref.name ?? '', finding.path, textOf(finding))));
  }
  return faults;
}

/** The fault has the path already. A policy to apply would be a part of the template. */
function textOf({ path, short, fix, rule }: Finding): string {
  const what = short.startsWith(`${path} `) ? short.slice(path.length + 1) : short;
  const isPolicy = fix.steps.some(({ edits }) => edits.some(({ kind }) => kind === 'apply'));
  return `${what}. ${isPolicy ? 'Add the part allow-dns' : describeFix(fix)} [${rule}]`;
}

function faultOf({ name, items }: Template, policy: string, path: string, message: string): Fault {
  const i = items.findIndex((item) => ('part' in item ? managedName(partName(item)) : item.name) === policy);
  const item = items[i];
  const inside = item === undefined || 'part' in item ? [] : parsePath(path);
  return faultAt(['baseline', 'templates', name, i, ...inside], message);
}
