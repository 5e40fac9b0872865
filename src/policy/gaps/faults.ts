import type { GapFault } from '../dns/gap.ts';

/** FaultFacts is what must be known of a fault even if its rule does not report it. */
export interface FaultFacts {
  /** The id of the rule that reports it, which settings and exemptions use. */
  readonly rule: string;
  /** If several worlds are possible, the one with the least severe faults counts. */
  readonly severity: number;
  /** Whether it leaves pods without DNS altogether, or nearly so: that is what `dnsBlocked: repair` repairs. */
  readonly isRepairable: boolean;
}

/** FAULTS are all faults that a gap can be. */
export const FAULTS: Readonly<Record<GapFault, FaultFacts>> = {
  blocked: { rule: 'dns-blocked', severity: 5, isRepairable: true },
  'udp-blocked': { rule: 'dns-over-udp-blocked', severity: 4, isRepairable: true },
  'tcp-blocked': { rule: 'dns-over-tcp-blocked', severity: 2, isRepairable: false },
  'partly-blocked': { rule: 'dns-partly-blocked', severity: 1, isRepairable: false },
};
