import { actionsOf, ENFORCEMENTS, OVERRIDES } from '../../src/admission-policies/actions.ts';
import { admissionPolicies } from '../../src/admission-policies/admission-policies.ts';
import { INSTALLERS } from '../../src/admission-policies/installers.ts';
import { ownUser, policySpec, RENDERED_FROM } from '../../src/admission-policies/objects.ts';
import {
  BORN_WITH,
  FOLLOWED,
  NO_LABEL,
  type Parameters,
  policyNames,
} from '../../src/admission-policies/parameters.ts';
import { RULES_OF_OPENINGS } from '../../src/admission-policies/rules-of-openings.ts';
import { SYSTEM_NAMESPACES } from '../../src/policy/model/system-namespaces.ts';
import { BUILT_IN_TEMPLATES, PART_NAMES } from '../../src/policy/model/template.ts';
import { PLACEHOLDERS } from './placeholders.ts';

/**
 * admissionPoliciesFile is the policies that the API server enforces by itself, as JSON with placeholders, and the data
 * that templates/_admission-policies.tpl needs to write the same parameters as the program:
 * files/admission-policies.json. Each policy carries the key of its settings under `admissionPolicies` in values.yaml.
 */
export function admissionPoliciesFile(): string {
  const { namespace, serviceAccount } = PLACEHOLDERS;
  return JSON.stringify({
    annotation: RENDERED_FROM,
    followed: FOLLOWED,
    noLabel: NO_LABEL,
    system: SYSTEM_NAMESPACES,
    bornWith: BORN_WITH,
    installers: INSTALLERS,
    overrides: OVERRIDES,
    rulesOfOpenings: RULES_OF_OPENINGS,
    templates: Object.fromEntries([...BUILT_IN_TEMPLATES].map(([name, template]) => [name, policyNames(template)])),
    parts: Object.fromEntries(
      PART_NAMES.map((part) => [part, policyNames({ name: part, items: [{ part }] })[0] ?? '']),
    ),
    actions: Object.fromEntries(ENFORCEMENTS.map((enforcement) => [enforcement, actionsByOverride(enforcement)])),
    policies: admissionPolicies(ownUser({ namespace, serviceAccount }), FILLED_IN).map(
      ({ name, rules, forFailingOpen, spec }) => ({
        key: name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        name: `netpol-guard-${name}`,
        rules,
        forFailingOpen,
        spec: policySpec(spec),
      }),
    ),
  });
}

/** Each is on its own within its quotes, so that its replacement is quoted as a whole. */
const FILLED_IN: Parameters = {
  enforce: '$(enforce)',
  template: '$(template)',
  excluded: '$(excluded)',
  kept: '$(kept)',
  system: '$(system)',
  reserved: '$(reserved)',
  creators: '$(creators)',
  exemptUsers: '$(exemptUsers)',
  exemptGroups: '$(exemptGroups)',
  exemptNamespaces: '$(exemptNamespaces)',
  exemptPolicies: '$(exemptPolicies)',
  webhookDecides: '$(webhookDecides)',
  dnsPorts: '$(dnsPorts)',
  isUsualThreshold: '$(isUsualThreshold)',
  exemptFromOpenings: '$(exemptFromOpenings)',
  dnsNamespaces: '$(dnsNamespaces)',
  repairs: '$(repairs)',
};

/** What a policy does, by the override of its rule in the configuration; no override is an empty word. */
function actionsByOverride(enforcement: (typeof ENFORCEMENTS)[number]): Readonly<Record<string, readonly string[]>> {
  const overrides = [undefined, ...OVERRIDES];
  return Object.fromEntries(overrides.map((override) => [override ?? '', actionsOf(enforcement, override)]));
}
