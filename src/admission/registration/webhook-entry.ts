import type { DialectKind } from '../../policy/model/dialect.ts';
import type { MatchCondition } from './match-conditions.ts';

/** WebhookEntry is one webhook of a configuration, without its address. */
export interface WebhookEntry {
  readonly name: string;
  readonly kind: 'validating' | 'mutating';
  readonly path: string;
  /** Switched off by removing it: a configuration object of its own, so that no half entry is left. */
  readonly removable: boolean;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutSeconds: number;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly resources: readonly string[];
    readonly operations: readonly string[];
    readonly scope: 'Namespaced' | 'Cluster';
  }[];
  /**
   * Empty is every namespace. The API server does not store an empty list in it, so a comparison would differ forever.
   */
  readonly namespaceSelector: {
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: string[];
    }[];
  };
  /** For mutating webhooks: called again if another webhook has changed the object since. */
  readonly reinvocationPolicy?: 'IfNeeded' | undefined;
  readonly matchConditions: readonly MatchCondition[];
}

/** rules returns the rules that match these operations on objects of these kinds. */
export function rules(kinds: readonly DialectKind[], ...operations: string[]): WebhookEntry['rules'] {
  return kinds.flatMap(({ served, plural, scope }) =>
    served.map(({ group, versions }) => ({
      apiGroups: [group],
      apiVersions: versions,
      resources: [plural],
      operations,
      scope,
    })),
  );
}
