import { dnsPeers, dnsServersText } from '../dns/allow-dns.ts';
import { opensPorts } from '../dns/only-dns.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach } from '../dns/reach.ts';
import { type Fix, fixOf } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';

/** CacheMiss is what a rule lacks, as the rest of a sentence, and how to add it. */
interface CacheMiss {
  readonly why: string;
  readonly fix?: Fix | undefined;
}

/**
 * cacheMiss says that a rule names cluster DNS, but not the node-local caches in pods at which lookups may end; undefined
 * if that is not what is wrong with it.
 */
export function cacheMiss(rule: AllowRule, { ref }: Policy, reach: DnsReach): CacheMiss | undefined {
  const { path, peers } = rule;
  const isMissing = (protocol: DnsProtocol) =>
    reach.ofRule(rule, ref.namespace, protocol) === 'unsure' && reach.named(rule, ref.namespace, protocol) === 'yes';
  if (peers === 'any' || !DNS_PROTOCOLS.every(isMissing)) return undefined;
  const servers = reach.world.servers.filter((server) => server.kind === 'pods' && server.isCache === true);
  const caches = { ...reach.world, servers };
  const why = `names cluster DNS, but not ${dnsServersText(caches)}, where lookups may end`;
  if (!opensPorts(rule, caches)) return { why };
  const text = `Add ${servers.length === 1 ? 'this peer' : 'these peers'} to ${path}.to`;
  return { why, fix: fixOf(text, { kind: 'add', path: `${path}.to`, items: dnsPeers(caches) }) };
}
