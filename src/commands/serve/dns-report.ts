import { dnsSpecPorts } from '../../policy/dns/dns-egress.ts';
import { foreignNameserver, settingFor } from '../../policy/dns/nameserver.ts';
import { describeSelector, listOf } from '../../policy/model/describe.ts';
import type { DnsServer } from '../../policy/model/dns-server.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { missedServers } from '../../policy/templates/missed-servers.ts';

/** DnsFindings are what a live cluster reveals about its DNS. */
export interface DnsFindings {
  readonly servers: readonly DnsServer[];
  /** Names of the DNS Services that are no resolvers, since nothing is or was behind them. */
  readonly idleServices: readonly string[];
  readonly snapshot: Pick<ClusterSnapshot, 'dns' | 'services'>;
  /** The nameservers of this pod; empty if they are not the cluster's. */
  readonly nameservers: readonly string[];
}

/** DnsReport is the messages about it, one sentence each. */
export interface DnsReport {
  readonly found: readonly string[];
  readonly warnings: readonly string[];
}

/** dnsReport reports which DNS servers were found, and whether pods under the baseline would reach them. */
export function dnsReport(findings: DnsFindings, settings: Settings): DnsReport {
  const { servers } = findings;
  const configured = settings.dns.servers.map(({ name }) => name);
  const instead = `the configuration names cluster DNS: ${listOf(configured)}; that is used instead`;
  const baseline = baselineReport(findings, settings);
  return {
    found: [
      ...servers.map((server) => `cluster DNS: ${serverText(server)}`),
      ...(configured.length === 0 ? [] : [instead]),
      ...baseline.found,
    ],
    warnings: [...missingDns(findings, settings), ...baseline.warnings, ...foreignDns(findings, settings)],
  };
}

function serverText(server: DnsServer): string {
  const { name } = server;
  const ports = listOf(dnsSpecPorts([server]).map(({ protocol, port }) => `${protocol} ${port}`));
  const hosts =
    server.kind === 'pods' ? (server.hosts ?? []) : server.blocks.map((block) => block.replace(/\/.*$/, ''));
  const at = hosts.length === 0 ? '' : ` at ${listOf(hosts)}`;
  return `${name} (${podsText(server)}, ${ports}${at})`;
}

function podsText(server: DnsServer): string {
  if (server.kind === 'pods') return `pods ${describeSelector(server.pods)}`;
  const { onNodes } = server;
  return onNodes === undefined ? 'no pods' : `pods ${describeSelector(onNodes.pods)} on the network of their nodes`;
}

function missingDns({ servers, idleServices, nameservers }: DnsFindings, { dns }: Settings): readonly string[] {
  if (dns.servers.length > 0) return [];
  const idle = idleServices.map(
    (name) => `the Service ${name} has neither pods nor endpoints, so it is not a resolver`,
  );
  if (servers.length > 0) return idle;
  const where = dns.namespaces.length === 0 ? '' : ` in ${dns.namespaces.join(', ')}`;
  const [nameserver] = nameservers;
  const example = nameserver === undefined ? '' : `, as in ${settingFor(nameserver)}`;
  return [
    ...idle,
    `no cluster DNS was found${where}; name its namespace in dns.namespaces or, where DNS runs on the nodes, list the nameserver address of the pods in dns.servers${example}; until then no namespace is locked down`,
  ];
}

function baselineReport({ servers, snapshot }: DnsFindings, { baseline, dns }: Settings): DnsReport {
  const { template } = baseline;
  const known = [...servers, ...dns.servers];
  const missed = template && missedServers(template, snapshot, known, dns.ports);
  if (template === undefined || missed === undefined || known.length === 0) return { found: [], warnings: [] };
  const opened = new Set(known.filter((server) => !missed.includes(server)).map(({ name }) => name));
  const found = opened.size === 0 ? [] : [`the baseline ${template.name} lets pods reach ${listOf([...opened])}`];
  // If a cloud resolver replaces the DNS pods, the pods often keep running.
  if (dns.servers.length > 0 && dns.servers.every(({ kind }) => kind === 'addresses')) return { found, warnings: [] };
  return {
    found,
    warnings: missed.map(
      (server) =>
        `the baseline ${template.name} would miss ${serverText(server)}: pods that ask it could not resolve names; add it to dns.servers or to the template`,
    ),
  };
}

function foreignDns({ servers, snapshot, nameservers }: DnsFindings, { dns }: Settings): readonly string[] {
  const foreign = snapshot.dns.mismatch ?? foreignNameserver(nameservers, servers);
  if (foreign === undefined || dns.servers.length > 0) return [];
  return [
    `pods are given the nameserver ${foreign}, which is not among the DNS servers found, so the baseline would miss it; set in the configuration ${settingFor(foreign)}`,
  ];
}
