import { childPath } from '../../objects/field-path.ts';
import { capital, describePolicy } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { advice, type Edit, type Fix, fixOf } from '../model/fix.ts';
import { MANAGED_LABEL_TEXT, MANAGED_LABELS, MANAGED_PREFIX } from '../model/labels.ts';
import type { ManagedSpec, Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { REPAIR_PREFIX } from '../templates/repair-name.ts';
import { type Asked, askedFor, followsCluster, mayBeAsked, templateDoubt } from './asked.ts';

/** removalIssues returns one issue if a policy is deleted that netpol-guard would restore. Throws BudgetSpent. */
export function removalIssues(situation: Situation, policy: Policy): readonly Issue[] {
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const managed = `${describePolicy(policy)} is managed by netpol-guard (${asked.by})`;
  return [
    {
      path: 'metadata.name',
      headline: 'removes a policy that netpol-guard manages',
      why: `${managed}, which would put it back.`,
      short: `${managed}, which would put it back`,
      fix: insteadOf(situation, policy),
      blamed: true,
    },
  ];
}

/**
 * specIssues returns one issue if the spec of a policy differs from what netpol-guard maintains. Throws BudgetSpent.
 */
export function specIssues(situation: Situation, policy: Policy, managed: ManagedSpec): readonly Issue[] {
  const { change, snapshot, settings } = situation;
  if (isUntouched(change.before?.managed, managed)) return [];
  const name = policy.ref.name ?? '';
  const doubt = doubtOf(situation, name);
  const asked = doubt === undefined ? askedFor(name, situation) : mayBeAsked(name, snapshot, settings);
  if (asked?.texts.includes(managed.text)) return [];
  const reserved = name.startsWith(MANAGED_PREFIX) ? doubt : undefined;
  const uncertain = isUnseen(situation, name, asked) ? UNKNOWN_CLUSTER : reserved;
  return [asked === undefined ? notAsked(policy, uncertain) : otherSpec(situation, policy, asked, uncertain)];
}

function isUntouched(before: ManagedSpec | undefined, after: ManagedSpec): boolean {
  return before?.text === after.text && before.labelled === after.labelled;
}

/** Why it is not certain which template the namespace has. For a change in a cluster, that is known. */
function doubtOf({ change, snapshot, settings }: Situation, name: string): string | undefined {
  if (change.operation !== 'AUDIT' || name.startsWith(REPAIR_PREFIX)) return undefined;
  return templateDoubt(change.namespace, snapshot, settings);
}

const UNKNOWN_CLUSTER = 'the expected policy depends on the cluster, which is unknown here';

function isUnseen({ change, snapshot }: Situation, name: string, asked: Asked | undefined): boolean {
  if (change.operation !== 'AUDIT' || snapshot.dns.discovered) return false;
  return name.startsWith(REPAIR_PREFIX) || (asked !== undefined && followsCluster(name));
}

function otherSpec(situation: Situation, policy: Policy, { by, texts }: Asked, uncertain: string | undefined): Issue {
  const then = texts.length === 0 ? 'the expected spec is not known yet' : 'this change would be reverted';
  const managed = `${describePolicy(policy)} is managed by netpol-guard (${by}); ${then}`;
  const headline = `${uncertain === undefined ? 'changes' : 'may change'} what netpol-guard manages`;
  return {
    path: 'spec',
    headline,
    why: `${managed}.`,
    short: managed,
    fix: insteadOf(situation, policy),
    blamed: true,
    uncertain,
  };
}

function notAsked(policy: Policy, uncertain: string | undefined): Issue {
  const name = policy.ref.name;
  const isReserved = name === undefined ? policy.managed?.labelled !== true : name.startsWith(MANAGED_PREFIX);
  return { ...(isReserved ? reservedName(policy) : strayLabel(policy)), blamed: true, uncertain };
}

type Fault = Omit<Issue, 'blamed' | 'uncertain'>;

function reservedName(policy: Policy): Fault {
  const reserved = `the prefix ${MANAGED_PREFIX} is reserved, and netpol-guard manages no policy called ${policy.ref.name === undefined ? 'so' : describePolicy(policy)} here`;
  return {
    path: 'metadata.name',
    headline: 'has a name reserved for netpol-guard',
    why: `${capital(reserved)}.`,
    short: reserved,
    fix: advice('Give the policy another name'),
  };
}

function strayLabel(policy: Policy): Fault {
  const paths = Object.keys(MANAGED_LABELS).map((label) => childPath('metadata.labels', label));
  const removals = paths.map((path): Edit => ({ kind: 'remove', path }));
  const carries = `${describePolicy(policy)} carries the label ${MANAGED_LABEL_TEXT}, but netpol-guard does not manage it`;
  return {
    path: 'metadata.labels',
    headline: 'has a label reserved for netpol-guard',
    why: `${carries}.`,
    short: carries,
    fix: fixOf(`Remove the label ${MANAGED_LABEL_TEXT}`, ...removals),
  };
}

/** The reader may not be allowed to choose another template, so that is not suggested. */
function insteadOf({ settings }: Situation, { ref: { name } }: Policy): Fix {
  if (name?.startsWith(REPAIR_PREFIX)) {
    return advice('Add a policy of your own that allows DNS for the same pods, and netpol-guard removes this one');
  }
  const cookbook = `${settings.docsBaseUrl}/cookbook.md`;
  return advice(`To allow more, add a policy of your own, as in ${cookbook} (policies add up)`);
}
