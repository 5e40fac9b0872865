import { describePolicy } from '../model/describe.ts';
import type { Fix, Issue } from '../model/finding.ts';
import { BASELINE_LABEL, MANAGED_LABEL_TEXT, MANAGED_PREFIX, NO_TEMPLATE } from '../model/labels.ts';
import type { ManagedSpec, Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { REPAIR_PREFIX } from '../templates/repair-name.ts';
import { type Asked, askedFor, followsCluster, mayBeAsked, templateDoubt } from './asked.ts';

/** removalIssues returns one issue where a policy is deleted that netpol-guard would put back. Throws BudgetSpent. */
export function removalIssues(situation: Situation, policy: Policy): readonly Issue[] {
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const message = `${describePolicy(policy)} is kept here by ${asked.by}, and netpol-guard would put it back`;
  return [{ path: 'metadata.name', message, fix: insteadOf(policy), blamed: true }];
}

/** specIssues returns one issue where a policy is written otherwise than netpol-guard keeps it. Throws BudgetSpent. */
export function specIssues(situation: Situation, policy: Policy, managed: ManagedSpec): readonly Issue[] {
  const { change, snapshot, settings } = situation;
  if (isUntouched(change.before?.managed, managed)) return [];
  const name = policy.ref.name ?? '';
  const doubt = doubtOf(situation, name);
  const asked = doubt === undefined ? askedFor(name, situation) : mayBeAsked(name, snapshot, settings);
  if (asked?.texts.includes(managed.text)) return [];
  const reserved = name.startsWith(MANAGED_PREFIX) ? doubt : undefined;
  const uncertain = isUnseen(situation, name, asked) ? UNKNOWN_CLUSTER : reserved;
  return [asked === undefined ? notAsked(policy, uncertain) : otherSpec(policy, asked, uncertain)];
}

function isUntouched(before: ManagedSpec | undefined, after: ManagedSpec): boolean {
  return before?.text === after.text && before.labelled === after.labelled;
}

/** Why it is not certain which template the namespace has. Where a change is judged, that is known. */
function doubtOf({ change, snapshot, settings }: Situation, name: string): string | undefined {
  if (change.operation !== 'AUDIT' || name.startsWith(REPAIR_PREFIX)) return undefined;
  return templateDoubt(change.namespace, snapshot, settings);
}

const UNKNOWN_CLUSTER = 'what it shall be follows the cluster, which is not known here';

function isUnseen({ change, snapshot }: Situation, name: string, asked: Asked | undefined): boolean {
  if (change.operation !== 'AUDIT' || snapshot.dns.discovered) return false;
  return name.startsWith(REPAIR_PREFIX) || (asked !== undefined && followsCluster(name));
}

function otherSpec(policy: Policy, { by, texts }: Asked, uncertain: string | undefined): Issue {
  const message =
    texts.length === 0
      ? `${describePolicy(policy)} is kept here by ${by}, and what it shall be is not known yet`
      : `${describePolicy(policy)} is kept here by ${by} with another spec, and netpol-guard would put that back`;
  return { path: 'spec', message, fix: insteadOf(policy), blamed: true, uncertain };
}

function notAsked(policy: Policy, uncertain: string | undefined): Issue {
  const name = policy.ref.name;
  const isReserved = name === undefined ? policy.managed?.labelled !== true : name.startsWith(MANAGED_PREFIX);
  const [path, message, description] = isReserved
    ? [
        'metadata.name',
        `${describePolicy(policy)} begins with the reserved prefix ${MANAGED_PREFIX}, and is nothing that netpol-guard keeps here`,
        'give the policy another name',
      ]
    : [
        'metadata.labels',
        `${describePolicy(policy)} carries the label by which netpol-guard knows its own policies, and is none of them`,
        `leave out the label \`${MANAGED_LABEL_TEXT}\``,
      ];
  return { path, message, fix: { description }, blamed: true, uncertain };
}

function insteadOf({ ref: { namespace, name } }: Policy): Fix {
  if (name?.startsWith(REPAIR_PREFIX)) {
    return {
      description: 'add a policy of your own that allows DNS for the same pods, and netpol-guard removes this one',
    };
  }
  const command = `kubectl label namespace ${namespace} --overwrite ${BASELINE_LABEL}=TEMPLATE`;
  return {
    description: `add a policy of your own beside it, since policies add up; or choose another template, \`${NO_TEMPLATE}\` to opt out: \`${command}\``,
  };
}
