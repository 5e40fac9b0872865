import { dnsOpenToAnywhere } from '../policy/rules/dns-open-to-anywhere.ts';
import { egressOpenToAnywhere } from '../policy/rules/egress-open-to-anywhere.ts';

/**
 * RULES_OF_OPENINGS are the rules that `openings` replaces. Each reports what the other omits, so the overrides of both
 * apply.
 */
export const RULES_OF_OPENINGS: readonly string[] = [dnsOpenToAnywhere.id, egressOpenToAnywhere.id];
