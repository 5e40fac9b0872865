import { loadConfiguration } from '../../src/config/load.ts';
import { dnsFacts } from '../../src/policy/dns/facts.ts';
import { DNS_PRESETS } from '../../src/policy/dns/presets.ts';
import { type DnsProtocol, DnsReach } from '../../src/policy/dns/reach.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Policy } from '../../src/policy/model/policy.ts';
import type { Settings } from '../../src/policy/model/settings.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import type { Fraction } from '../../src/sets/globally-routable.ts';

/** Columns of the corpus that are compared, in its order. */
export const COLUMNS = [
  'has_egress_isolation',
  'allows53_anywhere',
  'dns_carveout_complete',
  'dns_udp_tcp_k8s',
  'dns_udp_tcp_openshift',
] as const;

export type Column = (typeof COLUMNS)[number];

const { settings: defaults } = await loadConfiguration(undefined);
/** The corpus judges each policy on its own, whatever its namespace. */
const settings: Settings = {
  ...defaults,
  systemNamespaces: [],
  modes: { enforce: 'strict', warn: 'strict', audit: 'strict' },
};

const HALF: Fraction = { numerator: 1n, denominator: 2n };
const OPENINGS: ReadonlySet<string> = new Set(['dns-open-to-anywhere', 'egress-open-to-anywhere']);
const GAPS: ReadonlySet<string> = new Set(['dns-blocked', 'dns-over-udp-blocked', 'dns-over-tcp-blocked']);

function findings(policy: Policy, asked: Settings) {
  const snapshot = offlineSnapshot({ namespaces: [], policies: [policy], otherPolicies: [] }, asked);
  const change = { operation: 'AUDIT' as const, namespace: policy.ref.namespace, after: policy };
  return evaluate(change, snapshot, asked, 0).findings;
}

function opens(policy: Policy, anywhereThreshold: Fraction): boolean {
  const asked = { ...settings, dns: { ...settings.dns, anywhereThreshold } };
  return findings(policy, asked).some(({ rule }) => OPENINGS.has(rule));
}

/** letters are the answers for UDP, then TCP: yes, no, or maybe. */
function letters(policy: Policy, preset: string): string {
  const servers = DNS_PRESETS.get(preset) ?? [];
  const facts = dnsFacts({ ...settings, dns: { ...settings.dns, servers } }, undefined, new Map());
  const reach = new DnsReach({ name: preset, servers }, facts, settings.dns.ports).of(policy);
  const letter = (protocol: DnsProtocol) => ({ yes: 'Y', no: 'N', plugin: 'M', unsure: 'M' })[reach[protocol]];
  return letter('UDP') + letter('TCP');
}

/** verdicts returns the engine's answer in the corpus's terms. */
export function verdicts(policy: Policy): Readonly<Record<Column, string>> {
  const k8s = letters(policy, 'kube-dns');
  const openshift = letters(policy, 'openshift');
  const complete = [k8s, openshift].includes('YY')
    ? 'y'
    : [k8s, openshift].every((both) => both.includes('N'))
      ? 'n'
      : 'unsure';
  return {
    has_egress_isolation: policy.isolatesEgress ? 'y' : 'n',
    allows53_anywhere: opens(policy, HALF) ? 'y' : opens(policy, defaults.dns.anywhereThreshold) ? 'unsure' : 'n',
    dns_carveout_complete: policy.isolatesEgress ? complete : 'na',
    dns_udp_tcp_k8s: k8s,
    dns_udp_tcp_openshift: openshift,
  };
}

/** missesDns holds if the engine, called as the linter calls it, finds a fault in the carve-out, certain or not. */
export function missesDns(policy: Policy): boolean {
  return findings(policy, settings).some(({ rule }) => GAPS.has(rule));
}
