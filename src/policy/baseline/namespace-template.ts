import { NAMESPACE_NAME } from '../dns/presets.ts';
import type { DnsPods } from '../dns/server.ts';
import { matchesGlob } from '../glob.ts';
import type { Settings } from '../settings.ts';
import type { NamespaceFacts } from '../snapshot.ts';
import { BASELINE_LABEL, NO_TEMPLATE } from './labels.ts';
import type { Template } from './template.ts';

type Labelled = Pick<NamespaceFacts, 'name' | 'labels'>;

/**
 * mayHaveBaseline holds for namespaces that are neither the system's nor excluded by the configuration, and are not named
 * there as where cluster DNS is, or is looked for: a lockdown would cut it off from all its clients.
 */
export function mayHaveBaseline(name: string, { systemNamespaces, baseline, dns }: Settings): boolean {
  if ([...systemNamespaces, ...baseline.excludedNamespaces].some((glob) => matchesGlob(glob, name))) return false;
  return (
    !dns.namespaces.includes(name) && !dns.servers.some((server) => server.kind === 'pods' && isNamed(server, name))
  );
}

function isNamed({ namespaces }: DnsPods, name: string): boolean {
  const names = namespaces.constraints.get(NAMESPACE_NAME);
  return names !== undefined && !names.complement && names.values.has(name);
}

/** templateOf returns the template that a namespace's label names; undefined where it names none, or may have none. */
export function templateOf(facts: Labelled, settings: Settings): Template | undefined {
  const template = labelledTemplate(facts, settings);
  return template !== undefined && mayHaveBaseline(facts.name, settings) ? template : undefined;
}

/** labelledTemplate is templateOf for namespaces that may have a baseline. */
export function labelledTemplate(facts: Labelled | undefined, { baseline }: Settings): Template | undefined {
  const value = facts?.labels.get(BASELINE_LABEL);
  return value === undefined || value === NO_TEMPLATE ? undefined : baseline.templates.get(value);
}
