import type { NamespacePolicies } from './namespace-policies.ts';
import type { ClusterSnapshot, NamespaceFacts } from './snapshot.ts';

/** NamespaceOverlay replaces facts about one namespace; omitted facts stay as they are. */
export interface NamespaceOverlay {
  readonly facts?: NamespaceFacts | undefined;
  readonly policies?: NamespacePolicies | undefined;
  readonly unreadable?: readonly string[] | undefined;
  readonly otherPolicies?: readonly string[] | undefined;
}

/** overlay returns a snapshot with other facts about one namespace. */
export function overlay(snapshot: ClusterSnapshot, name: string, instead: NamespaceOverlay): ClusterSnapshot {
  const { policies, unreadable, otherPolicies } = instead;
  const here = <T>(asked: string, value: T | undefined): T | undefined => (asked === name ? value : undefined);
  return {
    ...snapshot,
    namespace: (asked) => (asked === name && 'facts' in instead ? instead.facts : snapshot.namespace(asked)),
    policies: (asked) => here(asked, policies) ?? snapshot.policies(asked),
    namespacesWithPolicies: () =>
      policies === undefined
        ? snapshot.namespacesWithPolicies()
        : new Set([...snapshot.namespacesWithPolicies(), name]),
    unreadablePolicies: (asked) => here(asked, unreadable) ?? snapshot.unreadablePolicies(asked),
    otherPolicies: (asked) => here(asked, otherPolicies) ?? snapshot.otherPolicies(asked),
  };
}
