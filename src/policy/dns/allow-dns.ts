import type { Protocol } from '../../sets/port-set.ts';
import type { SpecPeer } from '../dialects/network-policy/network-policy-spec.ts';
import type { Fix } from '../model/finding.ts';
import type { AllowRule } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsEgress, dnsSpecPeers, dnsSpecPorts } from './dns-egress.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** dnsPeers returns the `to` items that name the DNS servers of a world, as lines of YAML. */
export function dnsPeers(world: DnsWorld): readonly string[] {
  return world.servers.flatMap(dnsSpecPeers).flatMap(peerLines);
}

/** pinnedDns is the advice for a rule that opens DNS too far: what to put in its `to`, or a rule of its own for DNS. */
export function pinnedDns(rule: AllowRule, world: DnsWorld, vocabulary: DnsVocabulary): Fix {
  if (!isAboutDns(rule, vocabulary)) {
    const description = 'leave the DNS ports out of this rule and allow them in one of their own';
    return { description, yaml: ['egress:', ...dnsRules(world)].join('\n') };
  }
  const description =
    rule.peers === 'any' ? 'add a `to` that names cluster DNS' : 'let `to` name cluster DNS and nothing else';
  return { description, yaml: ['to:', ...indent(2, dnsPeers(world))].join('\n') };
}

/** allowDnsPolicy returns a NetworkPolicy that lets every pod of the namespace reach DNS, ready to apply. */
export function allowDnsPolicy(namespace: string, name: string, world: DnsWorld): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${quoted(namespace)}`,
    'spec:',
    '  podSelector: {}',
    '  policyTypes: [Egress]',
    '  egress:',
    ...indent(4, dnsRules(world)),
  ].join('\n');
}

/** dnsRules returns the items of `egress` that allow DNS, as lines of YAML: one, unless servers differ in their ports. */
export function dnsRules(world: DnsWorld): readonly string[] {
  return dnsEgress(world.servers).flatMap(({ to = [], ports = [] }) => [
    '- to:',
    ...indent(4, to.flatMap(peerLines)),
    '  ports:',
    ...indent(4, ports.map(portLine)),
  ]);
}

/** dnsPorts returns the `ports` items for the DNS servers of a world: the ports that they really listen on. */
export function dnsPorts(world: DnsWorld): readonly string[] {
  return dnsSpecPorts(world.servers).map(portLine);
}

/** dnsPortsText shows the ports for a sentence: `UDP 53 and TCP 53`. */
export function dnsPortsText(world: DnsWorld): string {
  const ports = dnsSpecPorts(world.servers);
  const over = (protocol: string) => ports.flatMap((port) => (port.protocol === protocol ? [port.port] : [])).join('/');
  return `UDP ${over('UDP')} and TCP ${over('TCP')}`;
}

/** dnsServersText names the DNS servers for a sentence: `kube-system/kube-dns`. */
export function dnsServersText(world: DnsWorld): string {
  return world.servers.map((server) => server.name).join(' or ');
}

function peerLines({ namespaceSelector, podSelector, ipBlock }: SpecPeer): readonly string[] {
  if (ipBlock !== undefined) return [`- ipBlock: {cidr: ${ipBlock.cidr}}`];
  return [
    `- namespaceSelector: ${flow(namespaceSelector ?? {})}`,
    ...(podSelector === undefined ? [] : [`  podSelector: ${flow(podSelector)}`]),
  ];
}

/** portLine writes an item of `ports` as a line of YAML. */
export function portLine({ protocol, port }: { protocol: Protocol; port: number | string }): string {
  return `- {protocol: ${protocol}, port: ${typeof port === 'number' ? port : quoted(port)}}`;
}

/** YAML in one line, as people write it. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return quoted(String(value));
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}: ${flow(item)}`)
    .join(', ')}}`;
}

/** Words that YAML 1.1 reads as booleans, and what looks like a number, need quotes to stay labels. */
function quoted(value: string): string {
  return /^[a-zA-Z][\w./-]*$/.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : `"${value}"`;
}

function indent(width: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => ' '.repeat(width) + line);
}
