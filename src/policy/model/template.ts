/** PART_NAMES are the policies that netpol-guard writes itself, from what it knows about the cluster. */
export const PART_NAMES = [
  'allow-dns',
  'default-deny',
  'default-deny-egress',
  'default-deny-ingress',
  'allow-ingress-from',
  'allow-api-server',
  'allow-same-namespace',
] as const;

/** PartName is one of PART_NAMES. */
export type PartName = (typeof PART_NAMES)[number];

/** TemplatePart names a policy that follows the cluster: DNS servers and the API server may move. */
export interface TemplatePart {
  readonly part: PartName;
  /** Of `allow-ingress-from`: the namespaces, by name, whose pods may connect. */
  readonly namespaces?: readonly string[] | undefined;
  /** Of `allow-api-server`: CIDRs beside the endpoints that discovery finds. */
  readonly blocks?: readonly string[] | undefined;
}

/** TemplateManifest is a NetworkPolicy as its author wrote it. */
export interface TemplateManifest {
  /** With MANAGED_PREFIX, whether or not the author wrote it. */
  readonly name: string;
  readonly spec: object;
}

/** TemplateItem is one policy of a template: a part that is known by name, or a policy of the operator's own. */
export type TemplateItem = TemplatePart | TemplateManifest;

/** Template is what a namespace gets: one policy for each item. */
export interface Template {
  readonly name: string;
  readonly items: readonly TemplateItem[];
}

const BUILT_IN: readonly Template[] = [
  { name: 'default-deny', items: [{ part: 'allow-dns' }, { part: 'default-deny' }] },
  { name: 'default-deny-egress', items: [{ part: 'allow-dns' }, { part: 'default-deny-egress' }] },
  { name: 'default-deny-ingress', items: [{ part: 'default-deny-ingress' }] },
];

/** BUILT_IN_TEMPLATES need no configuration. By name. */
export const BUILT_IN_TEMPLATES: ReadonlyMap<string, Template> = new Map(
  BUILT_IN.map((template) => [template.name, template]),
);
