import { NETWORK_POLICY_API } from '../../policy/dialects/network-policy/dialect.ts';
import type { Dialect } from '../../policy/model/dialect.ts';
import { type MatchCondition, notUser } from './match-conditions.ts';
import { rules, type WebhookEntry } from './webhook-entry.ts';

type Reached = Pick<WebhookEntry, 'namespaceSelector' | 'matchConditions'>;

/**
 * dialectEntries are the entries of all dialects except NetworkPolicy's, by the dialect's name: policies, which fail
 * closed; the facts that they depend on, for which no plugin should wait; and deletions. The webhook is not called for
 * what a plugin itself writes.
 */
export function dialectEntries(dialects: readonly Dialect[], reached: Reached): readonly WebhookEntry[] {
  return dialects
    .filter((dialect) => dialect !== NETWORK_POLICY_API)
    .flatMap((dialect) => {
      const policies = dialect.kinds.filter(({ role }) => role === 'policy');
      const facts = dialect.kinds.filter(({ role }) => role === 'fact');
      const matchConditions = [...reached.matchConditions, ...writers(dialect)];
      return [
        entry(dialect.name, 'Fail', rules(policies, 'CREATE', 'UPDATE')),
        entry(`${dialect.name}-facts`, 'Ignore', rules(facts, 'CREATE', 'UPDATE', 'DELETE')),
        entry(`${dialect.name}-delete`, 'Ignore', rules(policies, 'DELETE')),
      ].map((each) => ({ ...each, namespaceSelector: reached.namespaceSelector, matchConditions }));
    })
    .filter((each) => each.rules.length > 0);
}

function writers({ accounts = [] }: Dialect): readonly MatchCondition[] {
  return accounts.map((account, i) => ({ ...notUser(account), name: `not-its-own-account-${i}` }));
}

function entry(name: string, failurePolicy: WebhookEntry['failurePolicy'], rules: WebhookEntry['rules']) {
  return {
    name: `${name}.netpol-guard.io`,
    kind: 'validating' as const,
    path: '/validate',
    removable: false,
    failurePolicy,
    timeoutSeconds: 5,
    rules,
  };
}
