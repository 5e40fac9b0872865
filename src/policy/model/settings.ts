import type { AddressSet } from '../../sets/address-set.ts';
import type { Fraction } from '../../sets/globally-routable.ts';
import type { DnsServer } from './dns-server.ts';
import type { Effect } from './finding.ts';
import type { RulesVersion } from './rules-version.ts';
import type { Template } from './template.ts';

/** ModeLevel is the value of a mode (`enforce`, `warn`, `audit`), in the configuration or as a namespace label. */
export type ModeLevel = 'off' | 'standard' | 'strict';

/** MODE_LEVELS are the values that a mode can have, the weakest first. */
export const MODE_LEVELS: readonly ModeLevel[] = ['off', 'standard', 'strict'];

/** Modes are the three modes of one namespace. */
export interface Modes {
  readonly enforce: ModeLevel;
  readonly warn: ModeLevel;
  readonly audit: ModeLevel;
}

/** ExemptionEntry exempts matching policies from some rules until it expires. */
export interface ExemptionEntry {
  /** Glob. */
  readonly namespace: string;
  /** Glob over the policy's name. */
  readonly name: string;
  /** Rule ids; empty for all. */
  readonly rules: readonly string[];
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly expires?: number | undefined;
}

/** Settings are the parts of the configuration that the engine needs, read and checked. */
export interface Settings {
  /** For namespaces without the labels. */
  readonly modes: Modes;
  /** By rule id; overrides the rule's level. */
  readonly rules: ReadonlyMap<string, Effect | 'off'>;
  /** Later rules only warn. */
  readonly rulesVersion: RulesVersion;
  readonly exemptions: {
    /** Globs over namespace names, without the system namespaces. */
    readonly namespaces: readonly string[];
    readonly users: readonly string[];
    readonly groups: readonly string[];
    readonly entries: readonly ExemptionEntry[];
  };
  /** Globs: namespaces outside every rule but `dns-servers-isolated` (SYSTEM_NAMESPACES and the release's own). */
  readonly systemNamespaces: readonly string[];
  readonly dns: {
    /** `dns.servers` and `dns.presets`; empty if discovery decides, or offline both default presets. */
    readonly servers: readonly DnsServer[];
    /** Names of the namespaces in which discovery looks for cluster DNS. No tenant may write there. */
    readonly namespaces: readonly string[];
    /** Port numbers that count as DNS in egress rules. */
    readonly ports: readonly number[];
    readonly allowedResolvers: AddressSet;
    readonly anywhereThreshold: Fraction;
    readonly otherPolicies: 'auto' | 'ignore';
  };
  readonly dnsBlocked: {
    readonly onWrite: 'deny' | 'warn' | 'repair';
    readonly onDelete: 'deny' | 'warn' | 'repair';
    readonly noEgressAtAll: 'warn' | 'deny';
    readonly graceMs: number;
  };
  readonly baseline: {
    /** What a new namespace gets; undefined for nothing. */
    readonly template: Template | undefined;
    /** By name: the built-in ones and the configuration's own. */
    readonly templates: ReadonlyMap<string, Template>;
    /** Whether namespaces that are older than netpol-guard get it as well. */
    readonly existingNamespaces: 'ignore' | 'adopt';
    /** Globs: these get no baseline if a user with the verb `exempt` creates them. Their labels count. */
    readonly excludedNamespaces: readonly string[];
  };
  readonly gate: {
    readonly enabled: boolean;
    /** How long after its namespace's creation a pod may be held back. */
    readonly maxHoldMs: number;
  };
  /** netpol-guard's own user name, which may change what it manages; undefined outside a cluster. */
  readonly ownUser: string | undefined;
  /** The contact that refusals name; empty for none. */
  readonly contact: string;
  readonly docsBaseUrl: string;
}
