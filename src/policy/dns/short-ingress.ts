import type { AllowRule, Policy } from '../model/policy.ts';

/** A near miss names the first rule that it finds. */
const MOST_RULES = 8;
/** A rule for DNS has one or two ports. */
const MOST_PORTS = 16;

/**
 * withShortIngress returns the policy with as much of its ingress as a message may need: `dns-servers-isolated` checks
 * which clients may reach the pods of namespaces with DNS servers. Elsewhere, ingress rules only matter for finding DNS
 * that was allowed in the wrong direction. Managed policies keep everything.
 */
export function withShortIngress(policy: Policy): Policy {
  if (policy.ingress.length === 0 || policy.managed !== undefined) return policy;
  const ingress = policy.ingress.filter(mayBeDns).slice(0, MOST_RULES).map(withOnePeer);
  const isWhole = ingress.length === policy.ingress.length && ingress.every((rule, i) => rule === policy.ingress[i]);
  return isWhole ? policy : { ...policy, ingress, isIngressShort: true };
}

function mayBeDns({ peers, entries }: AllowRule): boolean {
  return peers !== 'any' && entries.length > 0 && entries.length <= MOST_PORTS;
}

function withOnePeer(rule: AllowRule): AllowRule {
  return rule.peers === 'any' || rule.peers.length === 1 ? rule : { ...rule, peers: rule.peers.slice(0, 1) };
}
