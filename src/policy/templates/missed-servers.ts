import { readSpec } from '../dialects/network-policy/network-policy.ts';
import { DNS_PROTOCOLS, DnsReach } from '../dns/reach.ts';
import type { DnsServer } from '../model/dns-server.ts';
import type { AllowRule } from '../model/policy.ts';
import type { Template } from '../model/template.ts';
import { desiredPolicies } from './desired.ts';
import type { BaselineFacts } from './parts.ts';

/** A name that no namespace has, since it is too long. */
const NEW_NAMESPACE = 'new'.repeat(22);

/**
 * missedServers returns the DNS servers that the policies of a template, as a new namespace gets them, do not open over
 * every protocol that they serve. `dnsPorts` are the settings'. undefined if nothing isolates pods for egress.
 */
export function missedServers(
  template: Template,
  facts: BaselineFacts,
  servers: readonly DnsServer[],
  dnsPorts: readonly number[],
): readonly DnsServer[] | undefined {
  const policies = desiredPolicies(template, facts).policies.map(({ spec }) => readSpec(spec));
  if (!policies.some(({ isolatesEgress }) => isolatesEgress)) return undefined;
  const rules = policies.filter(({ subject }) => subject.isEverything).flatMap(({ egress }) => egress);
  return servers.filter((server) => {
    // By its own addresses: opening another server's addresses does not open this one.
    const dns = { ...facts.dns, blockAddresses: server.addresses };
    return isMissed(server, new DnsReach({ name: 'found', servers: [server] }, dns, dnsPorts), rules);
  });
}

function isMissed({ ports }: DnsServer, reach: DnsReach, rules: readonly AllowRule[]): boolean {
  return DNS_PROTOCOLS.some((protocol) => {
    const [numbers, names] = protocol === 'UDP' ? [ports.udp, ports.udpNames] : [ports.tcp, ports.tcpNames];
    const serves = numbers.length > 0 || names.length > 0;
    return serves && rules.every((rule) => reach.ofRule(rule, NEW_NAMESPACE, protocol) === 'no');
  });
}
