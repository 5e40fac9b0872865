import type { GapFault } from '../dns/gap.ts';

/** FaultFacts is what must be known of a fault before it is reported by its rule, or where it is not. */
export interface FaultFacts {
  /** The id of the rule that reports it: settings overrule it by that, and exemptions name it. */
  readonly rule: string;
  /** Where several worlds are possible, the one counts in which the faults are least severe. */
  readonly severity: number;
  /** Holds where it leaves pods without DNS altogether, as good as: that is what `dnsBlocked: repair` mends. */
  readonly isMended: boolean;
}

/** FAULTS are all faults that a gap can be. */
export const FAULTS: Readonly<Record<GapFault, FaultFacts>> = {
  blocked: { rule: 'dns-blocked', severity: 5, isMended: true },
  'udp-blocked': { rule: 'dns-over-udp-blocked', severity: 4, isMended: true },
  'tcp-blocked': { rule: 'dns-over-tcp-blocked', severity: 2, isMended: false },
  'partly-blocked': { rule: 'dns-partly-blocked', severity: 1, isMended: false },
};
