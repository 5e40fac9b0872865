import { checked } from '../objects/faults.ts';
import { type FieldPath, parsePath } from '../objects/field-path.ts';
import { field, type Json, metadataOf } from '../objects/fields.ts';
import { dnsSubdomainProblem } from '../objects/names.ts';
import { show } from '../objects/problem.ts';
import { readNetworkPolicy } from '../policy/dialects/network-policy/network-policy.ts';
import { MANAGED_PREFIX, NO_TEMPLATE } from '../policy/model/labels.ts';
import { BUILT_IN_TEMPLATES } from '../policy/model/template.ts';
import { partName } from '../policy/templates/parts.ts';
import { REPAIR_PREFIX } from '../policy/templates/repair-name.ts';
import { isPart, managedName } from './baseline.ts';
import type { GuardConfiguration, TemplatePartConfiguration } from './configuration.ts';
import { type Fault, faultAt } from './problem.ts';

/** templateFaults finds problems of the items of the configuration's own templates, each on its own. */
export function templateFaults(templates: GuardConfiguration['baseline']['templates']): readonly Fault[] {
  return Object.entries(templates).flatMap(([name, items]) => {
    const segments = ['baseline', 'templates', name];
    if (name === NO_TEMPLATE || BUILT_IN_TEMPLATES.has(name)) {
      return [faultAt(segments, 'is the name of a built-in template; choose another')];
    }
    if (items.length === 0) return [faultAt(segments, 'is empty; give it a policy or a part')];
    const faults = items.flatMap((item, i) =>
      isPart(item) ? partFaults(item, [...segments, i]) : manifestFaults(item, [...segments, i]),
    );
    return faults.length > 0 ? faults : [...repeatedNames(items, segments), ...nothingDenied(items, segments)];
  });
}

/** Every other kind of item denies something. */
function nothingDenied(items: readonly object[], segments: FieldPath): readonly Fault[] {
  if (!items.every((item) => isPart(item) && item.part === 'allow-same-namespace')) return [];
  return [faultAt(segments, 'denies nothing, so allow-same-namespace has nothing to allow; add a part that denies')];
}

const ARGUMENTS = { namespaces: 'allow-ingress-from', blocks: 'allow-api-server' } as const;

function partFaults(item: TemplatePartConfiguration, segments: FieldPath): readonly Fault[] {
  const foreign = (['namespaces', 'blocks'] as const).filter(
    (key) => item[key] !== undefined && ARGUMENTS[key] !== item.part,
  );
  const faults = foreign.map((key) =>
    faultAt([...segments, key], `does not go with ${item.part}; it belongs to ${ARGUMENTS[key]}`),
  );
  if (item.part !== 'allow-ingress-from' || item.namespaces !== undefined) return faults;
  return [...faults, faultAt([...segments, 'namespaces'], 'is missing; expected a list of namespaces')];
}

function manifestFaults(item: object, segments: FieldPath): readonly Fault[] {
  const manifest: Json = { ...item };
  const [apiVersion, kind] = [field(manifest, 'apiVersion'), field(manifest, 'kind')];
  if (apiVersion !== 'networking.k8s.io/v1' || kind !== 'NetworkPolicy') {
    const what = `${show(kind ?? '')} of ${show(apiVersion ?? '')}`;
    const message = `is ${what}; write a NetworkPolicy of networking.k8s.io/v1, or a part such as {part: allow-dns}`;
    return [faultAt(segments, message)];
  }
  const { problems } = checked((faults) => readNetworkPolicy(manifest, '', faults));
  if (problems.length === 0) return templateOnly(manifest, segments);
  return problems.map(({ path, message }) => faultAt([...segments, ...parsePath(path)], message));
}

/** What the API server accepts, but a template does not. */
function templateOnly(manifest: Json, segments: FieldPath): readonly Fault[] {
  const metadata = metadataOf(manifest);
  const [name, namespace] = [field(metadata, 'name'), field(metadata, 'namespace')];
  const faults: Fault[] = [];
  const add = (at: FieldPath, message: string) => faults.push(faultAt([...segments, ...at], message));
  if (namespace !== undefined)
    add(['metadata', 'namespace'], 'goes to every namespace that has the template; leave it out');
  if (field(manifest, 'spec') === undefined) add(['spec'], 'is missing; say what the policy allows');
  if (typeof name !== 'string' || name === '') {
    add(['metadata', 'name'], 'is missing; a policy of a template has a name, and no generateName');
    return faults;
  }
  const problem = dnsSubdomainProblem(managedName(name));
  if (problem !== undefined) add(['metadata', 'name'], `${problem}, ${MANAGED_PREFIX} included`);
  if (managedName(name).startsWith(REPAIR_PREFIX)) {
    add(['metadata', 'name'], `${show(name)} is reserved for dnsBlocked: repair; choose another`);
  }
  return faults;
}

/** Two items of one name would replace each other forever. */
function repeatedNames(items: readonly object[], segments: FieldPath): readonly Fault[] {
  const first = new Map<string, number>();
  return items.flatMap((item, i) => {
    const name = nameOf(item);
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, i);
      return [];
    }
    return [faultAt([...segments, i], `becomes the policy ${name}, as item [${earlier}] does; keep one of them`)];
  });
}

function nameOf(item: object): string {
  if (isPart(item)) return managedName(partName(item));
  const name = field(metadataOf(item), 'name');
  return managedName(typeof name === 'string' ? name : '');
}
