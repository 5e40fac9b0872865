import { matchesGlob } from '../objects/glob.ts';
import { MANAGED_PREFIX } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import { SYSTEM_NAMESPACES } from '../policy/model/system-namespaces.ts';
import type { Template } from '../policy/model/template.ts';
import { baselineModified } from '../policy/rules/baseline-modified.ts';
import { exempts } from '../policy/situation/exemptions.ts';
import { namedDnsNamespaces } from '../policy/templates/namespace-template.ts';
import { partName } from '../policy/templates/parts.ts';
import { type Cel, list, map, pattern, text } from './cel.ts';
import { INSTALLERS } from './installers.ts';
import { RULES_OF_OPENINGS } from './rules-of-openings.ts';

/** Identity is the namespace and account that netpol-guard runs with. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * FOLLOWED are the parameters that depend on the configuration file and on where netpol-guard runs, in the order of
 * their hash. The process knows these too, so it can tell when the policies were rendered from others.
 */
export const FOLLOWED = [
  'enforce',
  'template',
  'excluded',
  'kept',
  'system',
  'reserved',
  'exemptUsers',
  'exemptGroups',
  'exemptNamespaces',
  'exemptPolicies',
  'dnsPorts',
  'isUsualThreshold',
  'exemptFromOpenings',
  'dnsNamespaces',
  'repairs',
] as const;

/** PARAMETERS are the names of all Parameters that the policies depend on. */
const PARAMETERS = [...FOLLOWED, 'creators', 'webhookDecides'] as const;

/** ParameterName is one of PARAMETERS. */
export type ParameterName = (typeof PARAMETERS)[number];

/** Parameters are CEL, each the whole expression of a variable: the chart fills them in from its values. */
export type Parameters = Readonly<Record<ParameterName, Cel>>;

/** Choices are settings that are not in the configuration file. */
export interface Choices {
  /** Accounts that may create namespaces with reserved names, in addition to INSTALLERS. */
  readonly creators: readonly string[];
  /** Whether the webhook refuses what it cannot judge, so that nothing of its own gets past it while it is down. */
  readonly failsClosed: boolean;
}

/** No label can have this value; it means that the label is missing. */
export const NO_LABEL = '/';

/** BORN_WITH are namespaces that every cluster has from the start; the API server recreates them after a deletion. */
export const BORN_WITH: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** parametersOf renders the settings that the policies depend on. */
export function parametersOf(settings: Settings, own: Identity, choices: Choices): Parameters {
  const { modes, baseline, exemptions, dns, dnsBlocked } = settings;
  const system = [...SYSTEM_NAMESPACES, own.namespace];
  const dnsNamespaces = [...dns.namespaces, ...namedDnsNamespaces(settings)].filter((name) => !isAmong(system, name));
  const reserved = [
    ...system,
    ...exemptions.namespaces,
    ...exemptions.entries.map(({ namespace }) => namespace).filter(isChoosy),
    ...dnsNamespaces,
  ];
  return {
    enforce: text(modes.enforce),
    template: text(baseline.template?.name ?? NO_LABEL),
    excluded: patterns(baseline.excludedNamespaces),
    kept: map(new Map([...baseline.templates].map(([name, template]) => [name, policyNames(template)]))),
    system: patterns(system),
    reserved: patterns(reserved.filter((name) => !BORN_WITH.includes(name))),
    creators: list([...new Set([...INSTALLERS, ...choices.creators])].sort()),
    exemptUsers: list(exemptions.users),
    exemptGroups: list(exemptions.groups),
    exemptNamespaces: patterns(exemptions.namespaces),
    exemptPolicies: exemptPolicies(settings, [baselineModified.id]),
    webhookDecides: String(choices.failsClosed),
    dnsPorts: JSON.stringify(dns.ports),
    isUsualThreshold: String(dns.anywhereThreshold.numerator * 256n <= dns.anywhereThreshold.denominator),
    exemptFromOpenings: exemptPolicies(settings, RULES_OF_OPENINGS),
    dnsNamespaces: patterns(dnsNamespaces),
    repairs: String(dnsBlocked.onWrite === 'repair' || dnsBlocked.onDelete === 'repair'),
  };
}

/** A name gains nothing from an entry for namespaces of any name. */
function isChoosy(glob: string): boolean {
  return /[^*?]/.test(glob);
}

/** CEL has no clock: an entry that has expired counts until the policies are rendered again. */
function exemptPolicies({ exemptions }: Settings, rules: readonly string[]): Cel {
  const about = exemptions.entries.filter((entry) => rules.some((rule) => exempts(entry, rule)));
  return patterns(about.map(({ namespace, name }) => `${namespace}/${name}`));
}

/** policyNames are the names of the policies that a template asks for, sorted. */
export function policyNames({ items }: Template): readonly string[] {
  return items.map((item) => ('part' in item ? `${MANAGED_PREFIX}${partName(item)}` : item.name)).sort();
}

/** Presets also name namespaces, all of them system namespaces, so the chart need not know their names. */
function isAmong(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matchesGlob(glob, name));
}

function patterns(globs: readonly string[]): Cel {
  return list([...new Set(globs)].sort().map(pattern));
}
