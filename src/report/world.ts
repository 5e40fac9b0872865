import type { Manifest } from '../manifests/text/manifests.ts';
import { isKubernetesGroup } from '../manifests/text/policy-shapes.ts';
import { checked, type Faults } from '../objects/faults.ts';
import { field, isObject, metadataOf } from '../objects/fields.ts';
import type { Problem } from '../objects/problem.ts';
import { DIALECTS, type Dialects } from '../policy/dialects/dialects.ts';
import { validateNamespace } from '../policy/dialects/namespace.ts';
import { type OtherPolicyApi, otherPolicyApi } from '../policy/dialects/other-policy-apis.ts';
import { type DialectKind, isJudged, type PolicyKind } from '../policy/model/dialect.ts';
import type { Policy } from '../policy/model/policy.ts';
import { groupOf, policyKey } from '../policy/model/policy-key.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { Labels } from '../sets/label-selector.ts';
import { misnamed } from './misnamed.ts';
import { leavesTypesOut, shutsIngress } from './missing-types.ts';
import { patchDirective } from './patch-directive.ts';
import type { ReportedFinding } from './report.ts';

/** WorldNamespace is a Namespace among the files. */
export interface WorldNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly terminating: boolean;
  /** Its file. */
  readonly file: string;
}

/** GivenPolicy is a policy that the API server would accept, and its place. */
export interface GivenPolicy {
  readonly policy: Policy;
  readonly manifest: Manifest;
}

/** World is the one cluster that all files together describe. */
export interface World {
  readonly namespaces: readonly WorldNamespace[];
  /** The later one if a name is given twice. */
  readonly policies: readonly Policy[];
  readonly otherPolicies: readonly { readonly kind: string; readonly namespace?: string | undefined }[];
  /**
   * Objects that were meant to be policies but that the API server refuses, as far as they can be read: wrong fields
   * count as missing.
   */
  readonly invalidPolicies: readonly Policy[];
  /** Every readable policy, those that a later one replaces too. */
  readonly given: readonly GivenPolicy[];
  /** NetworkPolicies of networking.k8s.io, invalid ones too. */
  readonly policyCount: number;
  /** The number of relevant objects: policies of any API, and Namespaces. */
  readonly judgedCount: number;
  /** What is wrong with the objects before any rule sees them. */
  readonly findings: readonly ReportedFinding[];
}

/** WorldOptions are the default namespace of objects, the meaning of labels, and the address of the rules' pages. */
export interface WorldOptions {
  /** For policies without a namespace. */
  readonly namespace: string;
  readonly docsBaseUrl: string;
  /** Names of the templates that a Namespace's label can name. */
  readonly templates: readonly string[];
  /** The policy APIs that are read; DIALECTS by default. */
  readonly dialects?: Dialects | undefined;
}

/** worldOptions are the options that follow from the settings. */
export function worldOptions({ docsBaseUrl, baseline }: Settings, namespace: string): WorldOptions {
  return { namespace, docsBaseUrl, templates: [...baseline.templates.keys()] };
}

/** readWorld sorts the manifests into a world; kinds that say nothing about networks are passed over. */
export function readWorld(manifests: readonly Manifest[], options: WorldOptions): World {
  const reader = new WorldReader(options);
  for (const manifest of manifests) reader.add(manifest);
  reader.warnOfMissingTypes();
  return reader.world();
}

class WorldReader {
  private readonly options: WorldOptions;
  private readonly namespaces = new Map<string, { namespace: WorldNamespace; manifest: Manifest }>();
  private readonly policies = new Map<string, GivenPolicy>();
  private readonly given: GivenPolicy[] = [];
  private readonly otherPolicies: { kind: string; namespace?: string | undefined }[] = [];
  private readonly invalidPolicies: Policy[] = [];
  private readonly findings: ReportedFinding[] = [];
  private policyCount = 0;
  private judgedCount = 0;

  private readonly dialects: Dialects;

  constructor(options: WorldOptions) {
    this.options = options;
    this.dialects = options.dialects ?? DIALECTS;
  }

  world(): World {
    return {
      namespaces: [...this.namespaces.values()].map(({ namespace }) => namespace),
      policies: [...this.policies.values()].map(({ policy }) => policy),
      otherPolicies: this.otherPolicies,
      invalidPolicies: this.invalidPolicies,
      given: this.given,
      policyCount: this.policyCount,
      judgedCount: this.judgedCount,
      findings: this.findings,
    };
  }

  add(manifest: Manifest): void {
    if (this.isJudgedAs(manifest)) this.judgedCount += 1;
    else this.suspect(manifest);
  }

  /** False for anything but a policy of any API or a Namespace. */
  private isJudgedAs(manifest: Manifest): boolean {
    const { apiVersion, kind } = manifest;
    const known = this.dialects.kindOf(apiVersion, kind);
    const other = otherPolicyApi(apiVersion, kind);
    if (known !== undefined) this.addKnown(manifest, known);
    else if (other !== undefined) this.addOther(manifest, other);
    else if (kind === 'Namespace' && apiVersion === 'v1') this.addNamespace(manifest);
    else if (kind === 'NetworkPolicy' && apiVersion === 'extensions/v1beta1') this.addOld(manifest);
    else if (kind === 'NetworkPolicy' && !isKubernetesGroup(apiVersion)) this.addForeign(manifest);
    else return false;
    return true;
  }

  /** warnOfMissingTypes checks once all policies are known: if others deny ingress anyway, nothing is lost. */
  warnOfMissingTypes(): void {
    const all = [...this.policies.values()].map(({ policy }) => policy);
    for (const { policy, manifest } of this.given) {
      if (!leavesTypesOut(manifest.value) || !shutsIngress(policy, all)) continue;
      const message =
        'egress rules without policyTypes: the API server makes it [Ingress, Egress], so every connection to the pods is denied too; write policyTypes: [Egress] if that is not intended';
      this.report(manifest, 'policy-types-missing', 'warning', { path: 'spec', message });
    }
  }

  private addKnown(manifest: Manifest, kind: DialectKind): void {
    if (isJudged(kind)) return this.addPolicy(manifest, kind);
    const read = (faults: Faults) =>
      kind.role === 'fact' ? kind.read(manifest.value, faults) : kind.read(manifest.value, '', faults);
    this.reportAll(manifest, checked<unknown>(read).problems);
    const { plural } = kind;
    if (kind.role === 'policy')
      this.addOther(manifest, { plural, group: groupOf(manifest.apiVersion), namespaced: false });
  }

  private addOther(manifest: Manifest, other: Omit<OtherPolicyApi, 'kind'>): void {
    const { apiVersion, kind } = manifest;
    const namespace = this.namespaceOf(manifest);
    this.otherPolicies.push({
      kind: `${other.plural}.${other.group}`,
      namespace: other.namespaced ? namespace : undefined,
    });
    this.report(manifest, 'unsupported-policy-api', 'warning', {
      path: 'kind',
      message: `${kind} of ${apiVersion} is not judged; it may allow or forbid what other policies do not`,
    });
  }

  private addOld(manifest: Manifest): void {
    const message = 'NetworkPolicy of extensions/v1beta1 is not judged; no API server since 1.16 accepts it';
    this.report(manifest, 'unsupported-policy-api', 'warning', { path: 'apiVersion', message });
  }

  /** Cisco ACI has a kind of that name, and so have providers of Crossplane: whatever it does, it is not the one of Kubernetes. */
  private addForeign(manifest: Manifest): void {
    const message = `NetworkPolicy of ${manifest.apiVersion} is not judged, only that of networking.k8s.io/v1 is`;
    this.report(manifest, 'unsupported-policy-api', 'warning', { path: 'apiVersion', message });
  }

  private addPolicy(manifest: Manifest, { read }: PolicyKind): void {
    this.policyCount += 1;
    const directive = patchDirective(manifest.value);
    if (directive !== undefined) return this.report(manifest, 'invalid-object', 'error', directive);
    const {
      problems,
      value: policy,
      draft,
    } = checked((faults) => read(manifest.value, this.options.namespace, faults));
    this.reportAll(manifest, problems);
    if (policy === undefined) {
      if (draft !== undefined) this.invalidPolicies.push(draft);
      return;
    }
    this.given.push({ policy, manifest });
    const { kind, namespace, name } = policy.ref;
    // Policies without a name replace nothing.
    const key = `${namespace} ${policyKey(policy.ref) ?? this.given.length}`;
    const earlier = this.policies.get(key);
    if (earlier !== undefined) this.givenTwice(earlier.manifest, manifest, `${kind} ${namespace}/${name}`);
    this.policies.set(key, { policy, manifest });
  }

  private addNamespace(manifest: Manifest): void {
    const problems = validateNamespace(manifest.value, this.options.templates);
    this.reportAll(manifest, problems);
    if (problems.some(({ tolerated }) => tolerated !== true)) return;
    const metadata = metadataOf(manifest.value);
    const name = field(metadata, 'name');
    if (typeof name !== 'string') return;
    const given = field(metadata, 'labels');
    const entries = Object.entries(isObject(given) ? given : {});
    const labels = new Map(entries.map(([key, item]) => [key, typeof item === 'string' ? item : '']));
    // The API server sets this label, whatever the file says.
    labels.set('kubernetes.io/metadata.name', name);
    const terminating = field(metadata, 'deletionTimestamp') !== undefined;
    const earlier = this.namespaces.get(name);
    if (earlier !== undefined) this.givenTwice(earlier.manifest, manifest, `Namespace ${name}`);
    const { file } = manifest.source;
    this.namespaces.set(name, { namespace: { name, labels, terminating, file }, manifest });
  }

  /** suspect finds objects that were meant to be policies, or contain some; it ignores all others. */
  private suspect(manifest: Manifest): void {
    const problem = misnamed(manifest);
    if (problem !== undefined) {
      if (manifest.kind === 'NetworkPolicy') this.policyCount += 1;
      this.report(manifest, 'invalid-object', 'error', problem);
      this.addMisnamed(manifest);
    } else if (manifest.holds.length > 0) this.addHolder(manifest);
  }

  private addMisnamed(manifest: Manifest): void {
    const meant = this.dialects.kindOf('networking.k8s.io/v1', 'NetworkPolicy');
    if (meant === undefined || !isJudged(meant)) return;
    const { draft } = checked((faults) => meant.read(manifest.value, this.options.namespace, faults));
    if (draft !== undefined) this.invalidPolicies.push(draft);
  }

  private addHolder(manifest: Manifest): void {
    const { kind, holds } = manifest;
    const [path = '', ...others] = holds;
    const what = others.length === 0 ? 'a NetworkPolicy that is' : `${holds.length} NetworkPolicies that are`;
    const message = `${kind} holds ${what} not judged; ${renderingOf(kind)}`;
    this.report(manifest, 'unrendered-policy', 'warning', { path, message });
  }

  private reportAll(manifest: Manifest, problems: readonly Problem[]): void {
    for (const problem of problems) {
      this.report(manifest, 'invalid-object', problem.tolerated === true ? 'warning' : 'error', problem);
    }
  }

  private givenTwice(earlier: Manifest, later: Manifest, what: string): void {
    const { line } = earlier.locate('metadata.name');
    const message = `${what} is already in ${earlier.source.file}, line ${line}; the others are judged with this one`;
    this.report(later, 'duplicate-object', 'warning', { path: 'metadata.name', message });
  }

  private namespaceOf({ value }: Manifest): string {
    const namespace = field(metadataOf(value), 'namespace');
    return typeof namespace === 'string' && namespace !== '' ? namespace : this.options.namespace;
  }

  private report(manifest: Manifest, rule: string, severity: 'error' | 'warning', problem: Problem): void {
    const { apiVersion, kind, value, source } = manifest;
    const name = field(metadataOf(value), 'name');
    this.findings.push({
      rule,
      severity,
      file: source.file,
      ...manifest.locate(problem.path, problem.onKey),
      apiVersion: apiVersion || undefined,
      kind: kind || undefined,
      namespace: kind === 'Namespace' ? undefined : this.namespaceOf(manifest),
      name: typeof name === 'string' && name !== '' ? name : undefined,
      path: problem.path || undefined,
      message: problem.message,
      docs: rulePage(this.options.docsBaseUrl, rule),
    });
  }
}

/** How to get the policies in an object. */
function renderingOf(kind: string): string {
  return kind === 'Template'
    ? 'process it first: oc process --local -f FILE -o yaml | netpol-guard lint -'
    : 'netpol-guard scan judges the resulting policies in a cluster';
}
