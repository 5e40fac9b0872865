import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, usageErrorOf } from '../cli/command.ts';
import type { ExitCode, Io, ProcessIo } from '../cli/io.ts';
import type { BaselineOptions } from '../cli/options.ts';
import { pinnedNodeProblem } from '../cli/pinned-node.ts';
import { loadConfiguration } from '../config/load.ts';
import { printableYaml } from '../manifests/text/printable-yaml.ts';
import { didYouMean } from '../objects/did-you-mean.ts';
import { dnsLabelProblem } from '../objects/names.ts';
import { printable, printablePath } from '../objects/printable.ts';
import { BASELINE_LABEL, MANAGED_PREFIX, NO_TEMPLATE } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import type { Template } from '../policy/model/template.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { type DesiredPolicy, desiredPolicies } from '../policy/templates/desired.ts';
import { templateOf } from '../policy/templates/namespace-template.ts';

/**
 * baseline writes the policies of a template as manifests: for the given cluster, else for the one that kubectl would
 * use, or without a cluster. Throws UsageError or ConfigurationError.
 */
export async function baseline(options: BaselineOptions, io: ProcessIo): Promise<ExitCode> {
  if (options.offline === true) return baselineOffline(options, io);
  const { namesCluster } = await import('../cluster/cluster.ts');
  const { kubeconfig, context } = options;
  if (!namesCluster({ kubeconfig, context, env: io.env, readsHome: true })) return baselineOffline(options, io);
  const problem = pinnedNodeProblem('baseline');
  if (problem !== undefined) throw new UsageError(`${problem}; or give --offline`);
  return baselineOfCluster(options, io);
}

/** baselineOffline writes them for cluster DNS of the configuration, else for kube-dns. Throws as baseline does. */
export async function baselineOffline(options: BaselineOptions, io: Io): Promise<ExitCode> {
  const { settings } = await loadConfiguration(options.config);
  const snapshot = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, settings);
  if (settings.dns.servers.length === 0) {
    const [world] = snapshot.dns.worlds;
    io.err(
      `netpol-guard: assuming cluster DNS is ${world?.name}; set dns.presets or dns.servers, or pass --kubeconfig\n`,
    );
  }
  return writeBaseline(options, settings, snapshot, io);
}

/** Writes them with what discovery finds. */
async function baselineOfCluster(options: BaselineOptions, io: ProcessIo): Promise<ExitCode> {
  const { settings } = await loadConfiguration(options.config);
  const [{ askCluster }, { ContactError }] = await Promise.all([
    import('./serve/ask-cluster.ts'),
    import('./serve/connect.ts'),
  ]);
  const isNamed = options.kubeconfig !== undefined || options.context !== undefined;
  try {
    return await askCluster(options, settings, io, (facts, dns) => {
      for (const sentence of dns) io.err(`netpol-guard: ${printable(sentence)}\n`);
      return writeBaseline(options, settings, facts.snapshot(), io);
    });
  } catch (error) {
    if (isNamed || !(error instanceof ContactError)) throw error;
    throw new UsageError(`${error.message}; --offline writes the baseline without a cluster`, { cause: error });
  }
}

/** writeBaseline is baseline with the facts of a snapshot. Throws UsageError if a template is unknown or waits. */
export async function writeBaseline(
  options: BaselineOptions,
  settings: Settings,
  snapshot: ClusterSnapshot,
  io: Io,
): Promise<ExitCode> {
  const misnamed = options.namespace === undefined ? undefined : dnsLabelProblem(options.namespace);
  if (misnamed !== undefined) throw new UsageError(`--namespace: ${misnamed}`);
  const template = chosen(options, settings, snapshot);
  const { policies, waiting } = desiredPolicies(template, snapshot);
  if (waiting.length > 0) throw new UsageError(waitingText(template, waiting));
  const manifests = policiesYaml(template, policies, options.namespace);
  if (options.output === undefined) {
    io.out(options.kustomize ? COMPONENT : manifests);
    return 0;
  }
  await writeFiles(
    options.output,
    { 'policies.yaml': manifests, ...(options.kustomize && { 'kustomization.yaml': COMPONENT }) },
    io,
  );
  return 0;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>, io: Io): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text);
      io.out(`${printablePath(join(folder, name))}\n`);
    }
  } catch (error) {
    throw usageErrorOf(error, '--output: ');
  }
}

/** kustomize only takes resources from files, so the policies are in a file beside it. */
const COMPONENT = `# Goes beside policies.yaml, which netpol-guard baseline writes; include the folder under \`components\`.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - policies.yaml
`;

function chosen({ template, namespace }: BaselineOptions, settings: Settings, snapshot: ClusterSnapshot): Template {
  const { templates } = settings.baseline;
  const facts = namespace === undefined ? undefined : snapshot.namespace(namespace);
  const found = template === undefined ? undefined : templates.get(template);
  if (template !== undefined && found === undefined) {
    const hint = didYouMean(template, templates.keys(), `known: ${[...templates.keys()].join(', ')}`);
    throw new UsageError(`--template: there is no template "${template}"; ${hint}`);
  }
  const meant = found ?? (facts && templateOf(facts, settings)) ?? settings.baseline.template;
  if (meant === undefined) {
    throw new UsageError(
      `baseline.template is ${NO_TEMPLATE} in the configuration; choose one with --template: ${[...templates.keys()].join(', ')}`,
    );
  }
  return meant;
}

function waitingText({ name }: Template, waiting: readonly string[]): string {
  const names = waiting.map(ownName).join(', ');
  return `template ${name} needs cluster facts that are unknown, for ${names}; name cluster DNS in dns.servers of the configuration, or pass --kubeconfig`;
}

/** Under names and labels of the user's own: the reserved ones would be refused. */
function policiesYaml(template: Template, policies: readonly DesiredPolicy[], namespace: string | undefined): string {
  const documents = policies.map(({ name, spec }) =>
    printableYaml(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: {
          name: ownName(name),
          namespace,
          labels: { 'app.kubernetes.io/part-of': 'baseline' },
        },
        spec: legible(spec),
      },
      // As kubectl reads it.
      { version: '1.1' },
    ),
  );
  return `${headOf(template)}${documents.join('---\n')}`;
}

function headOf({ name }: Template): string {
  return `# The baseline ${name}, to be applied and kept by you: netpol-guard keeps no second one
# where the namespace has the label ${BASELINE_LABEL}: ${NO_TEMPLATE}.
`;
}

function ownName(name: string): string {
  return name.startsWith(MANAGED_PREFIX) ? name.slice(MANAGED_PREFIX.length) : name;
}

/** In the usual order, and without empty lists. */
function legible(spec: object): object {
  const fields = new Map<string, unknown>(Object.entries(spec));
  const named = ['podSelector', 'policyTypes', 'ingress', 'egress'].map((key) => [key, fields.get(key)] as const);
  return Object.fromEntries(
    named.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}
