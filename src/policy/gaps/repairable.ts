import type { GapFault, GapVerdict } from '../dns/gap.ts';
import type { Policy } from '../model/policy.ts';
import { otherPoliciesDoubt } from '../situation/doubt.ts';
import { effectOf, modesOf } from '../situation/modes.ts';
import type { Situation } from '../situation/situation.ts';
import { FAULTS } from './faults.ts';
import { type DnsLoss, GRANTING } from './loss.ts';

/**
 * isRepairable holds if netpol-guard adds a policy that allows DNS for the pods of an isolating one, because of the
 * setting `repair`: if it would otherwise refuse the stored policy, and knows the DNS servers to allow.
 */
export function isRepairable(situation: Situation, { policy }: DnsLoss, { fault, uncertain }: GapVerdict): boolean {
  const { settings, snapshot } = situation;
  const { onWrite, onDelete } = settings.dnsBlocked;
  return (
    (onWrite === 'repair' || onDelete === 'repair') &&
    FAULTS[fault].isRepairable &&
    policy.managed === undefined &&
    snapshot.dns.isKnown &&
    !needsNoDns(situation, policy, fault) &&
    (uncertain ?? otherPoliciesDoubt(situation)) === undefined &&
    isEnforced(situation, fault)
  );
}

/** needsNoDns holds for some of a namespace's pods that may not connect anywhere, if the settings tolerate that. */
export function needsNoDns({ settings, after }: Situation, { subject }: Policy, fault: GapFault): boolean {
  if (fault !== 'blocked' || settings.dnsBlocked.noEgressAtAll === 'deny' || subject.isEverything) return false;
  return !after.hasAny(GRANTING, subject);
}

function isEnforced({ settings, snapshot, change }: Situation, fault: GapFault): boolean {
  const { modes } = modesOf(snapshot.namespace(change.namespace)?.labels ?? new Map(), settings.modes);
  return effectOf({ blamed: true }, 'standard', settings.rules.get(FAULTS[fault].rule), modes) === 'deny';
}
