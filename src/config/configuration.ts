import type { Effect } from '../policy/model/finding.ts';
import type { RulesVersion } from '../policy/model/rules-version.ts';
import type { ModeLevel } from '../policy/model/settings.ts';
import type { PartName } from '../policy/model/template.ts';

/** GuardConfiguration is the configuration file, checked and with its defaults filled in; deeply frozen. */
export interface GuardConfiguration {
  readonly apiVersion: 'netpol-guard.io/v1alpha1';
  readonly kind: 'GuardConfiguration';
  readonly enforce: ModeLevel;
  readonly warn: ModeLevel;
  readonly audit: ModeLevel;
  readonly rules: Readonly<Record<string, Effect | 'off'>>;
  /** Rules of later versions only warn. */
  readonly rulesVersion: RulesVersion;
  readonly exemptions: {
    readonly namespaces: readonly string[];
    readonly users: readonly string[];
    readonly groups: readonly string[];
    readonly entries: readonly ExemptionConfiguration[];
  };
  readonly dns: {
    readonly presets: readonly string[];
    readonly servers: readonly DnsServerConfiguration[];
    /** Where discovery looks. */
    readonly namespaces: readonly string[];
    readonly ports: readonly number[];
    readonly allowedResolvers: readonly string[];
    readonly anywhereThreshold: string;
    readonly otherPolicies: 'auto' | 'ignore';
  };
  readonly dnsBlocked: {
    readonly onWrite: 'deny' | 'warn' | 'repair';
    readonly onDelete: 'deny' | 'warn' | 'repair';
    readonly noEgressAtAll: 'warn' | 'deny';
    readonly grace: string;
  };
  readonly baseline: {
    readonly template: string;
    /** NetworkPolicies as manifests, and TemplatePartConfigurations. */
    readonly templates: Readonly<Record<string, readonly object[]>>;
    readonly existingNamespaces: 'ignore' | 'adopt';
    readonly excludedNamespaces: readonly string[];
  };
  readonly gate: { readonly enabled: boolean; readonly maxHold: string };
  readonly tls: {
    /** By default, the files of the command line count; without any it is selfSigned. */
    readonly mode?: 'selfSigned' | 'certManager' | 'existingSecret' | undefined;
    readonly selfSigned: { readonly caDuration: string; readonly certificateDuration: string };
    /** Empty for none. */
    readonly clientCAFile: string;
    readonly clientNames: readonly string[];
  };
  /** The hash of the inputs from which the admission policies in the API server were rendered; empty if unknown. */
  readonly admissionPolicies: { readonly renderedFrom: string };
  /** Where to ask; the last line of a refusal. */
  readonly contact: string;
  readonly docsBaseUrl: string;
}

/** TemplatePartConfiguration is an item of a template for a policy that netpol-guard writes itself. */
export interface TemplatePartConfiguration {
  readonly part: PartName;
  readonly namespaces?: readonly string[] | undefined;
  readonly blocks?: readonly string[] | undefined;
}

/** ExemptionConfiguration is one item of `exemptions.entries`. */
export interface ExemptionConfiguration {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly string[];
  readonly reason: string;
  /** RFC 3339. */
  readonly expires?: string | undefined;
}

/** DnsServerConfiguration is one item of `dns.servers`: pods by selectors, or addresses by `ipBlocks`, never both. */
export interface DnsServerConfiguration {
  /** A metav1.LabelSelector, as written. */
  readonly namespaceSelector?: object | undefined;
  /** A metav1.LabelSelector, as written. */
  readonly podSelector?: object | undefined;
  readonly ipBlocks?: readonly string[] | undefined;
  /** Numbers mean both protocols; the default is 53. */
  readonly ports?: readonly (number | DnsPortConfiguration)[] | undefined;
}

/** DnsPortConfiguration is one port as a NetworkPolicy writes it. */
export interface DnsPortConfiguration {
  readonly protocol: 'UDP' | 'TCP';
  readonly port: number | string;
}
