import type { AddressSet } from '../../sets/address-set.ts';
import type { Fraction } from '../../sets/globally-routable.ts';
import type { DnsServer } from './dns-server.ts';
import type { Effect } from './finding.ts';
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

/** ExemptionEntry takes matching policies out of some rules, until it expires. */
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

/** Settings are what the engine needs of the configuration, read and checked. */
export interface Settings {
  /** For namespaces without the labels. */
  readonly modes: Modes;
  /** By rule id; overrules the rule's level. */
  readonly rules: ReadonlyMap<string, Effect | 'off'>;
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
    /** `dns.servers` and `dns.presets`; empty where discovery, or offline both default presets, decide. */
    readonly servers: readonly DnsServer[];
    /** Names of the namespaces in which discovery looks for cluster DNS. No tenant may write there. */
    readonly namespaces: readonly string[];
    /** Port numbers that count as DNS on the way out. */
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
    /** Globs: these get no baseline where somebody with the verb `exempt` creates them. Their labels count. */
    readonly excludedNamespaces: readonly string[];
  };
  readonly gate: {
    readonly enabled: boolean;
    /** How long after its namespace's creation a pod may be held back. */
    readonly maxHoldMs: number;
  };
  /** netpol-guard's own user name, which may change what it manages; undefined where it runs in no cluster. */
  readonly ownUser: string | undefined;
  /** Whom to ask, as refusals name it; empty for nobody. */
  readonly contact: string;
  readonly docsBaseUrl: string;
}
