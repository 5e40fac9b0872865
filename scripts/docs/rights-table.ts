import { PLACES, type Place, type PolicyRule, rightsByFeature } from '../release/rights.ts';

const WHERE: Readonly<Record<Place, string>> = {
  cluster: 'everywhere',
  discovery: "in the DNS servers' namespaces and `default`",
  own: 'in its own namespace',
};

/** rightsTable is the table of all rights, by feature, in Markdown. */
export function rightsTable(): string {
  const rows = rightsByFeature('RELEASE').flatMap((feature) =>
    PLACES.flatMap((place) =>
      [...byVerbs(feature[place] ?? [])].map(([verbs, whats]) => [feature.what, whats.join(', '), WHERE[place], verbs]),
    ),
  );
  return ['| for | what | where | may |', '|---|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );
}

/** Resources with the same verbs share a line. */
function byVerbs(rules: readonly PolicyRule[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const rule of rules) {
    const verbs = rule.verbs.join(', ');
    found.set(verbs, [...(found.get(verbs) ?? []), ...described(rule)]);
  }
  return found;
}

function described({ apiGroups, resources, resourceNames = [] }: PolicyRule): readonly string[] {
  const names = resourceNames.length === 0 ? '' : ` ${resourceNames.map((name) => `\`${name}\``).join(', ')}`;
  return resources.flatMap((plural) =>
    apiGroups.map((group) => `${[plural, group].filter(Boolean).join('.')}${names}`),
  );
}
