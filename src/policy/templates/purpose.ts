import { MANAGED_PREFIX, PURPOSE_ANNOTATION } from '../model/labels.ts';
import type { PartName } from '../model/template.ts';
import type { DesiredPolicy } from './desired.ts';
import { REPAIR_PREFIX } from './repair-name.ts';

/**
 * purposeAnnotation returns the annotation with the purpose of a baseline policy and a link that shows how to allow
 * more. Users who did not write the policy find it with `kubectl describe`, which cuts each line after 138 characters
 * (kubectl, pkg/describe/describe.go, maxAnnotationLen), so there are several.
 */
export function purposeAnnotation(policy: DesiredPolicy, docsBaseUrl: string): Readonly<Record<string, string>> {
  const lines = [
    `${purposeOf(policy)} netpol-guard keeps it as it is.`,
    'To allow more, add a NetworkPolicy of your own beside it:',
    `${docsBaseUrl}/cookbook.md`,
  ];
  return { [PURPOSE_ANNOTATION]: lines.join('\n') };
}

function purposeOf({ name, spec }: DesiredPolicy): string {
  if (name.startsWith(REPAIR_PREFIX)) {
    return 'Lets pods reach cluster DNS that another policy of this namespace cuts off from it.';
  }
  const part = name.slice(MANAGED_PREFIX.length);
  if (part === 'default-deny') return `Denies ${directions(spec)} that no other policy of this namespace allows.`;
  return isPart(part) ? OF_PARTS[part] : 'Belongs to the baseline of this namespace.';
}

const OF_PARTS = {
  'allow-dns': 'Lets every pod of this namespace reach cluster DNS.',
  'allow-ingress-from': 'Lets every pod of some other namespaces connect to the pods of this one.',
  'allow-api-server': 'Lets every pod of this namespace reach the API server.',
  'allow-same-namespace': 'Lets the pods of this namespace connect to each other.',
} as const satisfies Partial<Record<PartName, string>>;

function isPart(name: string): name is keyof typeof OF_PARTS {
  return Object.hasOwn(OF_PARTS, name);
}

function directions(spec: object): string {
  const { policyTypes }: { readonly policyTypes?: unknown } = spec;
  if (!Array.isArray(policyTypes) || policyTypes.length !== 1) return 'all ingress and egress';
  return policyTypes[0] === 'Egress' ? 'all egress' : 'all ingress';
}
