import { shorten } from '../model/describe.ts';
import { BASELINE_LABEL, MANAGED_PREFIX, NO_TEMPLATE } from '../model/labels.ts';
import type { Settings } from '../model/settings.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../model/snapshot.ts';
import type { PartName, Template } from '../model/template.ts';
import type { Situation } from '../situation/situation.ts';
import { type Desired, desiredPolicies } from '../templates/desired.ts';
import { mayHaveBaseline, templateOf } from '../templates/namespace-template.ts';
import { REPAIR_PREFIX } from '../templates/repair-name.ts';
import { repairsNamed } from './repairs.ts';

/** Asked is what netpol-guard maintains in a namespace under one name. */
export interface Asked {
  /** Why: `template default-deny`. */
  readonly by: string;
  /** The specs that are right, as specText spells them. Offline several may be; none while it waits for facts. */
  readonly texts: readonly string[];
  /** Whether it is what is stored, since the configuration does not have the template. */
  readonly isAsStored?: true;
}

/** askedFor returns what netpol-guard maintains under a name; undefined for nothing. Throws BudgetSpent. */
export function askedFor(name: string, situation: Situation): Asked | undefined {
  const { change, snapshot, settings } = situation;
  if (name.startsWith(REPAIR_PREFIX)) {
    const repairs = repairsNamed(name, situation);
    return repairs.length === 0 ? undefined : { by: 'dnsBlocked: repair', texts: repairs.map(({ text }) => text) };
  }
  const facts = snapshot.namespace(change.namespace);
  if (facts === undefined) return undefined;
  const template = templateOf(facts, settings);
  return template === undefined ? asItStands(name, facts, snapshot, settings) : ofTemplate(template, name, snapshot);
}

/** While the configuration lacks a namespace's template, everything that was applied stays as it is. */
function asItStands(
  name: string,
  namespace: NamespaceFacts,
  snapshot: ClusterSnapshot,
  settings: Settings,
): Asked | undefined {
  const value = unknownTemplate(namespace, settings);
  const stored = snapshot.policies(namespace.name).get(name)?.managed;
  if (value === undefined || stored?.labelled !== true || !name.startsWith(MANAGED_PREFIX)) return undefined;
  return {
    by: `template ${shorten(value)}, which the configuration does not have`,
    texts: [stored.text],
    isAsStored: true,
  };
}

function unknownTemplate({ name, labels }: NamespaceFacts, settings: Settings): string | undefined {
  const value = labels.get(BASELINE_LABEL);
  if (value === undefined || value === NO_TEMPLATE || settings.baseline.templates.has(value)) return undefined;
  return mayHaveBaseline(name, settings) ? value : undefined;
}

/** mayBeAsked is askedFor in a namespace with an unknown template: whatever any template would maintain there. */
export function mayBeAsked(name: string, snapshot: ClusterSnapshot, settings: Settings): Asked | undefined {
  const asked = [...settings.baseline.templates.values()].flatMap(
    (template) => ofTemplate(template, name, snapshot) ?? [],
  );
  return asked.length === 0 ? undefined : { by: 'a template', texts: asked.flatMap(({ texts }) => texts) };
}

/**
 * templateDoubt explains why it is not certain which template a namespace has, as a clause: files omit what is stored,
 * and a scan may run without the cluster's configuration.
 */
export function templateDoubt(namespace: string, snapshot: ClusterSnapshot, settings: Settings): string | undefined {
  const facts = snapshot.namespace(namespace);
  if (facts?.labels.has(BASELINE_LABEL) === true) {
    const value = unknownTemplate(facts, settings);
    return value && `the template ${shorten(value)} of the namespace is not in the configuration`;
  }
  if (snapshot.dns.discovered || !mayHaveBaseline(namespace, settings)) return undefined;
  return `no Namespace among the files has the label ${BASELINE_LABEL}, which says what template it gets`;
}

const FOLLOWING: ReadonlySet<string> = new Set<PartName>(['allow-dns', 'allow-api-server']);

/** followsCluster holds for policies that depend on discovery, so that files do not determine them. */
export function followsCluster(name: string): boolean {
  return FOLLOWING.has(name.slice(MANAGED_PREFIX.length));
}

function ofTemplate(template: Template, name: string, snapshot: ClusterSnapshot): Asked | undefined {
  const each = possible(template, snapshot);
  const texts = each.flatMap(({ policies }) => policies.filter((policy) => policy.name === name));
  if (texts.length === 0 && !each.some(({ waiting }) => waiting.includes(name))) return undefined;
  return { by: `template ${template.name}`, texts: texts.map(({ text }) => text) };
}

/** Offline there is one for each possible location of cluster DNS. */
function possible(template: Template, { dns, services }: ClusterSnapshot): readonly Desired[] {
  if (dns.discovered) return [desiredPolicies(template, { dns, services })];
  return dns.worlds.map((world) => desiredPolicies(template, { dns: { ...dns, worlds: [world] }, services }));
}
