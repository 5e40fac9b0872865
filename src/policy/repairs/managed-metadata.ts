import { describePolicy, listOf, shorten } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { MANAGED_LABEL_TEXT } from '../model/labels.ts';
import type { Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { finalizersGiven } from '../templates/finalizers.ts';
import { askedFor } from './asked.ts';

/** metadataIssues returns what a change gives a managed policy, or takes from it, by which others could remove or keep it. */
export function metadataIssues(situation: Situation, policy: Policy): readonly Issue[] {
  const { before } = situation.change;
  return [
    ...ownerGiven(situation, policy),
    ...heldBy(finalizersGiven(before, policy), policy),
    ...recordTaken(before, policy),
    ...labelTaken(situation, policy),
  ];
}

/** An owner would have the garbage collector delete it, which the user may not. */
function ownerGiven(situation: Situation, policy: Policy): readonly Issue[] {
  if (policy.managed?.owned !== true || situation.change.before?.managed?.owned === true) return [];
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const message = `${describePolicy(policy)} is kept here by ${asked.by}, and the garbage collector would delete it with its owner`;
  const fix = { description: 'leave out `ownerReferences`' };
  return [{ path: 'metadata.ownerReferences', message, fix, blamed: true }];
}

/** A finalizer would keep it for as long as the user likes. */
function heldBy(given: readonly string[], policy: Policy): readonly Issue[] {
  if (given.length === 0) return [];
  const message = `${describePolicy(policy)} is given ${given.length === 1 ? 'the finalizer' : 'the finalizers'} ${listOf(given.map(shorten))}, which would keep it when netpol-guard deletes it`;
  const fix = { description: 'leave out `finalizers`' };
  return [{ path: 'metadata.finalizers', message, fix, blamed: true }];
}

/** Without it netpol-guard would take the policy for somebody else's, and never remove it. */
function recordTaken(before: Policy | undefined, policy: Policy): readonly Issue[] {
  if (before?.managed?.applied !== true || policy.managed?.applied === true) return [];
  const message = `${describePolicy(policy)} loses the record that netpol-guard applied it`;
  const fix = { description: 'leave out `managedFields`, and the API server keeps them' };
  return [{ path: 'metadata.managedFields', message, fix, blamed: true }];
}

/** Where the configuration has lost the template, nothing but the label tells what netpol-guard keeps; elsewhere it is put back. */
function labelTaken(situation: Situation, policy: Policy): readonly Issue[] {
  if (situation.change.before?.managed?.labelled !== true || policy.managed?.labelled === true) return [];
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked?.isAsStored !== true) return [];
  const message = `${describePolicy(policy)} is kept here by ${asked.by}, and must keep the label ${MANAGED_LABEL_TEXT}`;
  const fix = { description: `leave the label \`${MANAGED_LABEL_TEXT}\` as it is` };
  return [{ path: 'metadata.labels', message, fix, blamed: true }];
}
