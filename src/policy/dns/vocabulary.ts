import type { AllowRule, PortEntry } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';

/** ENCRYPTED_DNS_PORT is that of DNS over TLS (RFC 7858) and DNS over QUIC (RFC 9250). */
export const ENCRYPTED_DNS_PORT = 853;

/** DnsVocabulary is every number and name by which a policy can mean a DNS port. */
export interface DnsVocabulary {
  /** The configured ports, and those that the DNS servers listen on. */
  readonly numbers: ReadonlySet<number>;
  /** The names that the DNS pods give their ports. */
  readonly names: ReadonlySet<string>;
}

/** dnsVocabulary collects it from the settings' ports and the servers. */
export function dnsVocabulary(worlds: readonly DnsWorld[], ports: readonly number[]): DnsVocabulary {
  const servers = worlds.flatMap((world) => world.servers);
  return {
    numbers: new Set([...ports, ...servers.flatMap((server) => [...server.ports.udp, ...server.ports.tcp])]),
    names: new Set(servers.flatMap((server) => [...server.ports.udpNames, ...server.ports.tcpNames])),
  };
}

/** isAboutDns holds if a rule opens only DNS ports over UDP and TCP. */
export function isAboutDns({ entries }: AllowRule, vocabulary: DnsVocabulary): boolean {
  return entries.length > 0 && entries.every((entry) => isDnsEntry(entry, vocabulary));
}

/**
 * namesDns holds if a rule lists a DNS port by its number or its name; a range that contains one is about something
 * else.
 */
export function namesDns({ entries }: AllowRule, vocabulary: DnsVocabulary): boolean {
  return entries.some((entry) => isDnsEntry(entry, vocabulary));
}

/**
 * mentionsDns holds if a rule lists a DNS port among others, by number, by name or by a range smaller than all ports.
 */
export function mentionsDns({ entries, ports }: AllowRule, vocabulary: DnsVocabulary): boolean {
  if (entries.length === 0) return false;
  return (['UDP', 'TCP'] as const).some(
    (protocol) =>
      !ports.hasAll(protocol) &&
      ([...vocabulary.numbers].some((port) => ports.has(protocol, port)) ||
        ports.names[protocol].some((name) => vocabulary.names.has(name))),
  );
}

function isDnsEntry({ ports }: PortEntry, { numbers, names }: DnsVocabulary): boolean {
  return (['UDP', 'TCP'] as const).some((protocol) => {
    const [name] = ports.names[protocol];
    if (name !== undefined) return names.has(name);
    const [start, end] = ports.numbers[protocol].bounds;
    return start !== undefined && end === start + 1 && numbers.has(start);
  });
}
