import type { Settings } from '../model/settings.ts';
import type { NamespaceFacts } from '../model/snapshot.ts';
import { type DesiredPolicy, desiredWhere } from './desired.ts';
import { templateOf } from './namespace-template.ts';
import type { BaselineFacts } from './parts.ts';

/**
 * policiesToWaitFor are the policies that must exist before a pod may start in a pending namespace. Empty if there is
 * nothing to wait for: the gate is off, the namespace has no template, or a part of it waits until cluster DNS is
 * known.
 */
export function policiesToWaitFor(
  namespace: NamespaceFacts,
  facts: BaselineFacts,
  settings: Settings,
): readonly DesiredPolicy[] {
  const template = settings.gate.enabled ? templateOf(namespace, settings) : undefined;
  if (template === undefined) return [];
  const { policies, waiting } = desiredWhere(template, facts, () => false);
  const isDnsKnown = facts.dns.isKnown && facts.dns.mismatch === undefined;
  return isDnsKnown || waiting.length === 0 ? policies : [];
}
