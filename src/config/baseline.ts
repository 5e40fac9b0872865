import { asObject, asString, field } from '../objects/fields.ts';
import { MANAGED_PREFIX, NO_TEMPLATE } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import { BUILT_IN_TEMPLATES, type PartName, type Template, type TemplateItem } from '../policy/model/template.ts';
import type { GuardConfiguration, TemplatePartConfiguration } from './configuration.ts';

/** compileBaseline turns the section into the engine's settings. The templates have been checked (templateFaults). */
export function compileBaseline(section: GuardConfiguration['baseline']): Settings['baseline'] {
  const own = Object.entries(section.templates).map(([name, items]): readonly [string, Template] => [
    name,
    { name, items: items.map(templateItem) },
  ]);
  const templates = new Map([...BUILT_IN_TEMPLATES, ...own]);
  return {
    template: section.template === NO_TEMPLATE ? undefined : templates.get(section.template),
    templates,
    existingNamespaces: section.existingNamespaces,
    excludedNamespaces: section.excludedNamespaces,
  };
}

/** isPart tells an item that names a policy of netpol-guard's own from a manifest. */
export function isPart(item: object): item is TemplatePartConfiguration {
  return Object.hasOwn(item, 'part');
}

/** managedName is the name under which a policy of a template is applied. */
export function managedName(name: string): string {
  return name.startsWith(MANAGED_PREFIX) ? name : `${MANAGED_PREFIX}${name}`;
}

function templateItem(item: object): TemplateItem {
  if (isPart(item)) return { ...item, part: item.part satisfies PartName };
  const manifest = asObject(item, 'manifest');
  const name = asString(field(asObject(field(manifest, 'metadata'), 'metadata'), 'name') ?? '', 'metadata.name');
  return {
    name: managedName(name),
    spec: asObject(field(manifest, 'spec'), 'spec'),
  };
}
