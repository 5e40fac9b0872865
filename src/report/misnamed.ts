import type { Manifest } from '../manifests/text/manifests.ts';
import { isKubernetesGroup, isMisspeltKind } from '../manifests/text/policy-shapes.ts';
import { field } from '../objects/fields.ts';
import type { Problem } from '../objects/problem.ts';

/**
 * misnamed describes what is wrong with the `kind` or `apiVersion` of an object that was meant to be a NetworkPolicy;
 * undefined if it is another project's kind of that name.
 */
export function misnamed({ apiVersion, kind, value }: Manifest): Problem | undefined {
  if (kind === '') return { path: 'kind', message: absent(value, 'kind', 'NetworkPolicy') };
  if (!isKubernetesGroup(apiVersion)) return undefined;
  if (kind === 'NetworkPolicy') {
    const message =
      apiVersion === ''
        ? absent(value, 'apiVersion', 'networking.k8s.io/v1')
        : `${JSON.stringify(apiVersion)} has no NetworkPolicy; write networking.k8s.io/v1`;
    return { path: 'apiVersion', message };
  }
  if (!isMisspeltKind(apiVersion, kind)) return undefined;
  const where = apiVersion === '' ? 'Kubernetes' : apiVersion;
  return { path: 'kind', message: `${where} has no kind ${JSON.stringify(kind)}; did you mean NetworkPolicy?` };
}

function absent(value: Manifest['value'], name: string, wanted: string): string {
  if (Object.hasOwn(value, name)) {
    const given = field(value, name) ?? '';
    return `${given === '' ? 'is empty' : 'is not a string'}; write ${wanted}`;
  }
  const spelt = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
  if (spelt === undefined) return `is missing; write ${wanted}`;
  return `is written ${JSON.stringify(spelt)}; write ${name}: ${wanted}`;
}
