import { childPath } from '../../objects/field-path.ts';
import { field, isObject, type Json } from '../../objects/fields.ts';
import { isPatchOfPolicies, patchValues } from './held-patches.ts';
import { isPolicyGroup, isPolicySpec } from './policy-shapes.ts';

/** HeldPolicy is a NetworkPolicy within an object of another kind, and its path there. */
export interface HeldPolicy {
  readonly value: Json;
  readonly path: string;
}

/** HeldPolicies are all of an object. */
export interface HeldPolicies {
  /** Policies that reach the cluster as they are written. */
  readonly asTheyWillBe: readonly HeldPolicy[];
  /** Paths of policies that a tool transforms first. */
  readonly others: readonly string[];
}

/** Holder is the object. */
interface Holder {
  readonly value: Json;
  readonly apiVersion: string;
  readonly kind: string;
}

const NONE: HeldPolicies = { asTheyWillBe: [], others: [] };

/**
 * How deep to look for policies. A Kyverno rule has one at the fifth level, a composition of Crossplane at the seventh.
 */
const MAX_DEPTH = 24;

/**
 * heldPolicies finds the NetworkPolicies within a Template of OpenShift, an Object of Crossplane, a rule of Kyverno, a
 * Tenant of Capsule and their like, by their form. The policies of one object only count together: judging some of them
 * would treat the others as absent.
 */
export function heldPolicies(holder: Holder, texts = new ReadTexts()): HeldPolicies {
  if (holder.kind === 'NetworkPolicy' || holder.kind === '') return NONE;
  const search = new Search(texts);
  for (const [key, value] of Object.entries(holder.value)) {
    // A NetworkPolicy under a misspelt kind contains no other policy.
    const isItself = key === 'spec' && isPolicyGroup(holder.apiVersion);
    for (const [path, child] of isItself ? childrenOf(value, key) : [[key, value] as const]) {
      search.find(child, path, MAX_DEPTH);
    }
  }
  const { found } = search;
  if (found.length === 0) return NONE;
  if (found.every((policy) => isAsItWillBe(policy, holder))) return { asTheyWillBe: found, others: [] };
  return { asTheyWillBe: [], others: found.map(({ path }) => path) };
}

/** ReadTexts remembers what the texts of a document contain: aliases may repeat a long one thousands of times. */
export class ReadTexts {
  private readonly policies = new Map<string, boolean>();
  private readonly patches = new Map<string, readonly unknown[]>();

  isPolicy(text: string): boolean {
    const known = this.policies.get(text) ?? isPolicyText(text);
    this.policies.set(text, known);
    return known;
  }

  /** valuesOf returns the documents of a patch; none where it cannot be read. */
  valuesOf(patch: string): readonly unknown[] {
    const known = this.patches.get(patch) ?? patchValues(patch);
    this.patches.set(patch, known);
    return known;
  }
}

/** Search is for the policies of one object. */
class Search {
  readonly found: HeldPolicy[] = [];
  private readonly texts: ReadTexts;

  constructor(texts: ReadTexts) {
    this.texts = texts;
  }

  find(value: unknown, path: string, depth: number): void {
    if (typeof value === 'string' && this.texts.isPolicy(value)) this.found.push({ value: {}, path });
    if (depth === 0 || typeof value !== 'object' || value === null || isPattern(path)) return;
    if (
      isObject(value) &&
      (isPolicy(value) || isPolicySpec(value) || isPatchOfPolicies(value, (patch) => this.texts.valuesOf(patch)))
    ) {
      this.found.push({ value, path });
      return;
    }
    for (const [childsPath, child] of childrenOf(value, path)) this.find(child, childsPath, depth - 1);
  }
}

function childrenOf(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return children.map(([step, child]) => [childPath(path, step), child] as const);
}

/** Kyverno only compares objects with a pattern. */
function isPattern(path: string): boolean {
  return /^spec\.rules\[\d+\]\.validate$/.test(path);
}

/** A policy in YAML, in JSON, and in the CEL of Kyverno's newer kinds. */
const POLICY_TEXTS = [
  /^[ \t-]*kind: *["']?NetworkPolicy["']? *$/m,
  /(["'])kind\1\s*:\s*(?:dyn\(\s*)?(["'])NetworkPolicy\2/,
];

/** Cluster API's ClusterResourceSets take manifests from ConfigMaps, and Fleet's Bundles have them as texts too. */
function isPolicyText(text: string): boolean {
  return text.includes('networking.k8s.io/') && POLICY_TEXTS.some((form) => form.test(text));
}

/** Kyverno writes the policy under `data`, without a group in older rules, or names the one to `clone`. */
function isPolicy(value: Json): boolean {
  if (field(value, 'kind') !== 'NetworkPolicy') return false;
  if (isObject(field(value, 'data')) || isObject(field(value, 'clone'))) return true;
  const apiVersion = field(value, 'apiVersion');
  return (
    typeof apiVersion === 'string' && apiVersion.startsWith('networking.k8s.io/') && isObject(field(value, 'spec'))
  );
}

function isAsItWillBe(policy: HeldPolicy, holder: Holder): boolean {
  if (field(policy.value, 'kind') === undefined) return false;
  if (isTemplate(holder)) return /^objects\[\d+\]$/.test(policy.path) && !JSON.stringify(policy.value).includes('${');
  return isCrossplaneObject(holder) && policy.path === 'spec.forProvider.manifest';
}

/** Before OpenShift 3.7 a Template was of `v1`. */
function isTemplate({ apiVersion, kind }: Holder): boolean {
  return kind === 'Template' && /^(template\.openshift\.io\/)?v1$/.test(apiVersion);
}

/** References patch the manifest; without the right to create, it is only observed. */
function isCrossplaneObject({ apiVersion, kind, value }: Holder): boolean {
  if (kind !== 'Object' || !/^kubernetes\.(m\.)?crossplane\.io\//.test(apiVersion)) return false;
  const spec = field(value, 'spec');
  if (!isObject(spec) || field(spec, 'references') !== undefined) return false;
  const managed = field(spec, 'managementPolicies');
  return !Array.isArray(managed) || managed.includes('*') || managed.includes('Create');
}
