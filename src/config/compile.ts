import { DNS_PRESETS } from '../policy/dns/presets.ts';
import type { ExemptionEntry, ModeLevel, Settings } from '../policy/model/settings.ts';
import { SYSTEM_NAMESPACES } from '../policy/model/system-namespaces.ts';
import { addressesOf } from '../sets/cidr.ts';
import { compileBaseline } from './baseline.ts';
import type { GuardConfiguration } from './configuration.ts';
import { dnsServer } from './dns-servers.ts';
import { durationMs, parseFraction, parseTime } from './formats.ts';

/** OwnIdentity is the namespace and account that netpol-guard runs with. */
export interface OwnIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * compileSettings turns a checked configuration into the engine's settings. netpol-guard's `own` namespace is exempt
 * like the system namespaces; undefined outside a cluster.
 */
export function compileSettings(configuration: GuardConfiguration, own?: OwnIdentity): Settings {
  const { enforce, warn, audit, rules, exemptions, dns, dnsBlocked } = configuration;
  return {
    modes: { enforce, warn, audit },
    rules: new Map(Object.entries(rules)),
    rulesVersion: configuration.rulesVersion,
    exemptions: {
      namespaces: exemptions.namespaces,
      users: exemptions.users,
      groups: exemptions.groups,
      entries: exemptions.entries.map(exemptionEntry),
    },
    systemNamespaces: [...SYSTEM_NAMESPACES, ...(own ? [own.namespace] : [])],
    dns: {
      servers: [
        ...dns.presets.flatMap((preset) => DNS_PRESETS.get(preset) ?? []),
        ...dns.servers.map((server, i) => dnsServer(server, `dns.servers[${i}]`)),
      ],
      namespaces: dns.namespaces,
      ports: dns.ports,
      allowedResolvers: addressesOf(...dns.allowedResolvers),
      anywhereThreshold: parseFraction(dns.anywhereThreshold) ?? { numerator: 1n, denominator: 256n },
      otherPolicies: dns.otherPolicies,
    },
    dnsBlocked: {
      onWrite: dnsBlocked.onWrite,
      onDelete: dnsBlocked.onDelete,
      noEgressAtAll: dnsBlocked.noEgressAtAll,
      graceMs: durationMs(dnsBlocked.grace),
    },
    baseline: compileBaseline(configuration.baseline),
    gate: { enabled: configuration.gate.enabled, maxHoldMs: durationMs(configuration.gate.maxHold) },
    ownUser: own && `system:serviceaccount:${own.namespace}:${own.serviceAccount}`,
    contact: configuration.contact,
    docsBaseUrl: configuration.docsBaseUrl.replace(/\/+$/, ''),
  };
}

/** withEnforce returns the settings with another default of `enforce`: the linter's and the scan's `--level`. */
export function withEnforce(settings: Settings, enforce: ModeLevel): Settings {
  return { ...settings, modes: { ...settings.modes, enforce } };
}

function exemptionEntry(entry: GuardConfiguration['exemptions']['entries'][number]): ExemptionEntry {
  const { namespace, name, rules, reason } = entry;
  const expires = entry.expires === undefined ? undefined : parseTime(entry.expires);
  return { namespace, name, rules, reason, expires };
}
