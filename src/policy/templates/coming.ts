import { readSpec } from '../dialects/network-policy/network-policy.ts';
import type { Policy } from '../model/policy.ts';
import type { Settings } from '../model/settings.ts';
import type { ClusterSnapshot } from '../model/snapshot.ts';
import type { Template } from '../model/template.ts';
import { type Desired, type DesiredPolicy, desiredWhere } from './desired.ts';
import { labelledTemplate, mayHaveBaseline, templateOf } from './namespace-template.ts';

const NONE: readonly Policy[] = [];

/** desiredIn returns what the template of a namespace asks for; undefined if it has none, or an unknown one. */
export function desiredIn(namespace: string, snapshot: ClusterSnapshot, settings: Settings): Desired | undefined {
  const facts = snapshot.namespace(namespace);
  const template = facts && templateOf(facts, settings);
  return template && desiredFor(template, namespace, snapshot);
}

/**
 * comingPolicies returns the policies of a namespace's template that are not stored as they should be: missing, or with
 * another spec. netpol-guard is about to apply them. Policies that wait for facts are not among them.
 */
export function comingPolicies(namespace: string, snapshot: ClusterSnapshot, settings: Settings): readonly Policy[] {
  const template = labelledTemplate(snapshot.namespace(namespace), settings);
  if (template === undefined) return NONE;
  const stored = snapshot.policies(namespace);
  const coming = desiredFor(template, namespace, snapshot).policies.filter(
    ({ name, text }) => stored.get(name)?.managed?.text !== text,
  );
  // Checked last, since every request comes this way and nearly always all of them are in place.
  if (coming.length === 0 || !mayHaveBaseline(namespace, settings)) return NONE;
  return coming.map((policy) => asStored(namespace, policy));
}

function desiredFor(template: Template, namespace: string, snapshot: ClusterSnapshot): Desired {
  const stored = snapshot.policies(namespace);
  return desiredWhere(template, snapshot, (name) => stored.get(name) !== undefined);
}

/** As it will be once it is applied. */
function asStored(namespace: string, { name, spec, text }: DesiredPolicy): Policy {
  return {
    ref: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace, name },
    ...readSpec(spec),
    deleting: false,
    managed: { text, labelled: true, owned: false, finalizers: [], applied: false },
  };
}
