import { dnsOpenToAnywhere } from '../policy/rules/dns-open-to-anywhere.ts';
import { egressOpenToAnywhere } from '../policy/rules/egress-open-to-anywhere.ts';

/** RULES_OF_OPENINGS are the rules that `openings` replaces. One says what the other leaves out, so both count for both. */
export const RULES_OF_OPENINGS: readonly string[] = [dnsOpenToAnywhere.id, egressOpenToAnywhere.id];
