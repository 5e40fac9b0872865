import { DNS_PROTOCOLS, type DnsProtocol } from '../dns/reach.ts';
import type { AllowRule } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { nameReported } from './named-ports.ts';
import { type PodsReport, podsReported } from './reported.ts';

/**
 * DnsWay is a port that can mean DNS in a policy. A number and a name are different grants: each pod names its own
 * ports.
 */
export interface DnsWay {
  readonly protocol: DnsProtocol;
  readonly port: number | string;
  /** How it was reported as open to anywhere. */
  readonly report: PodsReport;
}

/** dnsWays returns the ways for the configured ports and for the names that the DNS servers give their ports. */
export function dnsWays(situation: Situation): readonly DnsWay[] {
  const { settings, reaches } = situation;
  const servers = reaches.flatMap(({ world }) => world.servers);
  return DNS_PROTOCOLS.flatMap((protocol) => {
    const names = servers.flatMap(({ ports }) => (protocol === 'UDP' ? ports.udpNames : ports.tcpNames));
    const ports = [...settings.dns.ports, ...new Set(names)];
    return ports.map((port) => ({ protocol, port, report: reportOf(situation, protocol, port) }));
  });
}

/** A name that is open to anywhere is reported as such by some rule. */
function reportOf(situation: Situation, protocol: DnsProtocol, port: DnsWay['port']): PodsReport {
  const report = podsReported(situation, protocol, port);
  if (typeof port === 'number' || report === 'blamed') return report;
  const byName = nameReported(situation, protocol, port);
  return byName === 'not' ? report : byName;
}

/** opensWay holds if the port of the way is among the ports of a rule. */
export function opensWay({ ports }: AllowRule, { protocol, port }: DnsWay): boolean {
  return typeof port === 'number' ? ports.has(protocol, port) : ports.hasName(protocol, port);
}
