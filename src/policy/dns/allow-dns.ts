import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Fix } from '../finding.ts';
import type { AllowRule } from '../model.ts';
import type { DnsWorld } from '../snapshot.ts';
import { NAMESPACE_NAME } from './presets.ts';
import type { DnsPods, DnsPorts, DnsServer } from './server.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** dnsPeers returns the `to` items that name the DNS servers of a world, as lines of YAML. */
export function dnsPeers(world: DnsWorld): readonly string[] {
  return world.servers.flatMap((server) => (server.kind === 'pods' ? podPeer(server) : blockPeers(server)));
}

/** pinnedDns is the advice for a rule that opens DNS too far: what to put in its `to`, or a rule of its own for DNS. */
export function pinnedDns(rule: AllowRule, world: DnsWorld, vocabulary: DnsVocabulary): Fix {
  if (!isAboutDns(rule, vocabulary)) {
    const description = 'leave the DNS ports out of this rule and allow them in one of their own';
    return { description, yaml: ['egress:', ...dnsRule(world)].join('\n') };
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
    ...indent(4, dnsRule(world)),
  ].join('\n');
}

/** dnsRule returns one item of `egress` that allows DNS, as lines of YAML. */
export function dnsRule(world: DnsWorld): readonly string[] {
  return ['- to:', ...indent(4, dnsPeers(world)), '  ports:', ...indent(4, dnsPorts(world))];
}

/** dnsPorts returns the `ports` items for the DNS servers of a world: the ports that they really listen on. */
export function dnsPorts(world: DnsWorld): readonly string[] {
  const over = (numbers: (ports: DnsPorts) => readonly number[]) =>
    [...new Set(world.servers.flatMap((server) => numbers(server.ports)))].sort((a, b) => a - b);
  return [
    ...over((ports) => ports.udp).map((port) => `- {protocol: UDP, port: ${port}}`),
    ...over((ports) => ports.tcp).map((port) => `- {protocol: TCP, port: ${port}}`),
  ];
}

/** dnsPortsText shows the ports for a sentence: `UDP 53 and TCP 53`. */
export function dnsPortsText(world: DnsWorld): string {
  const servers: readonly DnsServer[] = world.servers;
  const numbers = (pick: (ports: DnsPorts) => readonly number[]) =>
    [...new Set(servers.flatMap((server) => pick(server.ports)))].join('/');
  return `UDP ${numbers((ports) => ports.udp)} and TCP ${numbers((ports) => ports.tcp)}`;
}

/** dnsServersText names the DNS servers for a sentence: `kube-system/kube-dns`. */
export function dnsServersText(world: DnsWorld): string {
  return world.servers.map((server) => server.name).join(' or ');
}

function podPeer(server: DnsPods): readonly string[] {
  const namespaces: readonly (readonly [string, string])[] =
    server.namespace === undefined ? equalities(server.namespaces) : [[NAMESPACE_NAME, server.namespace]];
  return [
    `- namespaceSelector: ${matchLabels(namespaces)}`,
    ...(server.pods.isEverything ? [] : [`  podSelector: ${matchLabels(equalities(server.pods))}`]),
  ];
}

function blockPeers(server: Extract<DnsServer, { kind: 'addresses' }>): readonly string[] {
  return server.blocks.map((cidr) => `- ipBlock: {cidr: ${cidr}}`);
}

function equalities(selector: LabelSelector): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [key, set] of selector.constraints) {
    const [value] = set.values;
    if (!set.complement && value !== undefined) pairs.push([key, value]);
  }
  return pairs;
}

function matchLabels(pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return '{}';
  return `{matchLabels: {${pairs.map(([key, value]) => `${key}: ${quoted(value)}`).join(', ')}}}`;
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
