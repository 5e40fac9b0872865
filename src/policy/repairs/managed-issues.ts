import { DELETERS } from '../model/deleters.ts';
import type { Issue } from '../model/finding.ts';
import type { Situation } from '../situation/situation.ts';
import { metadataIssues } from './managed-metadata.ts';
import { removalIssues, specIssues } from './managed-spec.ts';

/** managedIssues returns what somebody else's change does to a policy that netpol-guard keeps, or that passes for one. */
export function managedIssues(situation: Situation): readonly Issue[] {
  const { before, after } = situation.change;
  if (isOurs(situation)) return [];
  if (after === undefined) return before?.managed === undefined ? [] : removalIssues(situation, before);
  // Nothing is kept without the prefix: a stray label comes off.
  if (after.managed === undefined) return [];
  return [...metadataIssues(situation, after), ...specIssues(situation, after, after.managed)];
}

function isOurs({ change: { user }, settings }: Situation): boolean {
  return user !== undefined && [settings.ownUser, ...DELETERS].includes(user.username);
}
