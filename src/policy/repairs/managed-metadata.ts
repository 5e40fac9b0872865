import { describePolicy, listOf, shorten } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { advice, fixOf } from '../model/fix.ts';
import { MANAGED_LABEL_TEXT } from '../model/labels.ts';
import type { Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { finalizersGiven } from '../templates/finalizers.ts';
import { askedFor } from './asked.ts';

/**
 * metadataIssues returns issues for metadata that a change adds to a managed policy or removes from it, and that would
 * let others delete or keep it.
 */
export function metadataIssues(situation: Situation, policy: Policy): readonly Issue[] {
  const { before } = situation.change;
  return [
    ...ownerGiven(situation, policy),
    ...heldBy(finalizersGiven(before, policy), policy),
    ...recordTaken(before, policy),
    ...labelTaken(situation, policy),
  ];
}

/** With an owner the garbage collector would delete it, which the user may not do. */
function ownerGiven(situation: Situation, policy: Policy): readonly Issue[] {
  if (policy.managed?.owned !== true || situation.change.before?.managed?.owned === true) return [];
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const deleted = `${describePolicy(policy)} is managed by netpol-guard (${asked.by}), and the garbage collector would delete it with its owner`;
  return [
    {
      path: 'metadata.ownerReferences',
      headline: 'gets an owner, but netpol-guard manages it',
      why: `${deleted}.`,
      short: deleted,
      fix: fixOf('Remove metadata.ownerReferences', { kind: 'remove', path: 'metadata.ownerReferences' }),
      blamed: true,
    },
  ];
}

/** A finalizer would let the user keep it indefinitely. */
function heldBy(given: readonly string[], policy: Policy): readonly Issue[] {
  if (given.length === 0) return [];
  const finalizers = `${given.length === 1 ? 'the finalizer' : 'the finalizers'} ${listOf(given.map(shorten))}`;
  return [
    {
      path: 'metadata.finalizers',
      headline: 'gets a finalizer, but netpol-guard manages it',
      why: `With ${finalizers} it would stay when netpol-guard deletes it.`,
      short: `${describePolicy(policy)} gets ${finalizers}, which would keep it when netpol-guard deletes it`,
      fix: advice('Leave these finalizers out'),
      blamed: true,
    },
  ];
}

/** Without it netpol-guard would treat the policy as someone else's, and never remove it. */
function recordTaken(before: Policy | undefined, policy: Policy): readonly Issue[] {
  if (before?.managed?.applied !== true || policy.managed?.applied === true) return [];
  return [
    {
      path: 'metadata.managedFields',
      headline: 'loses the record that netpol-guard applied it',
      why: "Without that record in metadata.managedFields netpol-guard would treat the policy as someone else's.",
      short: `${describePolicy(policy)} loses the record that netpol-guard applied it`,
      fix: advice('Leave out metadata.managedFields, and the API server keeps them'),
      blamed: true,
    },
  ];
}

/**
 * If the configuration has lost the template, only the label shows what netpol-guard manages; otherwise netpol-guard
 * restores the label.
 */
function labelTaken(situation: Situation, policy: Policy): readonly Issue[] {
  if (situation.change.before?.managed?.labelled !== true || policy.managed?.labelled === true) return [];
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked?.isAsStored !== true) return [];
  return [
    {
      path: 'metadata.labels',
      headline: 'loses the label that marks it as managed',
      why: `${describePolicy(policy)} is managed by netpol-guard (${asked.by}) and must keep the label ${MANAGED_LABEL_TEXT}.`,
      short: `${describePolicy(policy)} must keep the label ${MANAGED_LABEL_TEXT}`,
      fix: advice(`Leave the label ${MANAGED_LABEL_TEXT} as it is`),
      blamed: true,
    },
  ];
}
