import { matchesGlob } from '../glob.ts';
import type { Settings } from '../settings.ts';
import type { NamespaceFacts } from '../snapshot.ts';
import { BASELINE_LABEL, NO_TEMPLATE } from './labels.ts';
import type { Template } from './template.ts';

/** mayHaveBaseline holds for namespaces that are neither the system's nor excluded by the configuration. */
export function mayHaveBaseline(name: string, { systemNamespaces, baseline }: Settings): boolean {
  return ![...systemNamespaces, ...baseline.excludedNamespaces].some((glob) => matchesGlob(glob, name));
}

/** templateOf returns the template that a namespace's label names; undefined where it names none, or may have none. */
export function templateOf({ name, labels }: NamespaceFacts, settings: Settings): Template | undefined {
  const value = labels.get(BASELINE_LABEL);
  if (value === undefined || value === NO_TEMPLATE || !mayHaveBaseline(name, settings)) return undefined;
  return settings.baseline.templates.get(value);
}
