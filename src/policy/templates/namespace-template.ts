import { matchesGlob } from '../../objects/glob.ts';
import type { DnsPods } from '../model/dns-server.ts';
import { BASELINE_LABEL, NAMESPACE_NAME, NO_TEMPLATE } from '../model/labels.ts';
import type { Settings } from '../model/settings.ts';
import type { NamespaceFacts } from '../model/snapshot.ts';
import type { Template } from '../model/template.ts';

type Labelled = Pick<NamespaceFacts, 'name' | 'labels'>;

/**
 * mayHaveBaseline holds for namespaces that are not system namespaces, and that the configuration does not name as a
 * location of cluster DNS: a lockdown would cut it off from all its clients.
 */
export function mayHaveBaseline(name: string, { systemNamespaces, dns }: Settings): boolean {
  if (systemNamespaces.some((glob) => matchesGlob(glob, name)) || dns.namespaces.includes(name)) return false;
  return !dns.servers.some((server) => server.kind === 'pods' && isNamed(server, name));
}

/**
 * isLeftAlone holds for namespaces that the configuration excludes: without a label they do not get a baseline later. A
 * name on its own is not an exemption, so a label counts there as everywhere.
 */
export function isLeftAlone(name: string, { baseline }: Settings): boolean {
  return baseline.excludedNamespaces.some((glob) => matchesGlob(glob, name));
}

function isNamed(server: DnsPods, name: string): boolean {
  return namesOf(server)?.has(name) ?? false;
}

function namesOf({ namespaces }: DnsPods): ReadonlySet<string> | undefined {
  const names = namespaces.constraints.get(NAMESPACE_NAME);
  return names === undefined || names.complement ? undefined : names.values;
}

/** namedDnsNamespaces are the namespaces that the configuration names as locations of cluster DNS. */
export function namedDnsNamespaces({ dns }: Settings): readonly string[] {
  return dns.servers.flatMap((server) => (server.kind === 'pods' ? [...(namesOf(server) ?? [])] : []));
}

/** templateOf returns the template that a namespace's label names; undefined if it names none, or may have none. */
export function templateOf(facts: Labelled, settings: Settings): Template | undefined {
  const template = labelledTemplate(facts, settings);
  return template !== undefined && mayHaveBaseline(facts.name, settings) ? template : undefined;
}

/** labelledTemplate is templateOf for namespaces that may have a baseline. */
export function labelledTemplate(facts: Labelled | undefined, { baseline }: Settings): Template | undefined {
  const value = facts?.labels.get(BASELINE_LABEL);
  return value === undefined || value === NO_TEMPLATE ? undefined : baseline.templates.get(value);
}
