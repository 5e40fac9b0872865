import { DELETERS } from '../model/deleters.ts';
import type { Issue } from '../model/finding.ts';
import type { Situation } from '../situation/situation.ts';
import { metadataIssues } from './managed-metadata.ts';
import { removalIssues, specIssues } from './managed-spec.ts';

/**
 * managedIssues returns issues for a change by anyone else to a policy that netpol-guard manages, or that looks like
 * one.
 */
export function managedIssues(situation: Situation): readonly Issue[] {
  const { before, after } = situation.change;
  if (isOurs(situation)) return [];
  if (after === undefined) return before?.managed === undefined ? [] : removalIssues(situation, before);
  // Nothing is managed without the prefix: a stray label may be removed.
  if (after.managed === undefined) return [];
  return [...metadataIssues(situation, after), ...specIssues(situation, after, after.managed)];
}

function isOurs({ change: { user }, settings }: Situation): boolean {
  return user !== undefined && [settings.ownUser, ...DELETERS].includes(user.username);
}
