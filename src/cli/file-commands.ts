import type { Command } from './command.ts';
import { CONFIG_FLAG, LEVEL_FLAG } from './flags.ts';

/** LINT is how `lint` is called. */
export const LINT: Command = {
  name: 'lint',
  usage: 'FILE|FOLDER|- … [flags]',
  summary: 'check manifests as the webhook would, without a cluster',
  flags: {
    level: { ...LEVEL_FLAG, help: `${LEVEL_FLAG.help} (default: standard)` },
    'ignore-labels': { help: 'use that level for every namespace, whatever labels its manifest has' },
    config: CONFIG_FLAG,
    namespace: { value: 'NS', short: 'n', help: 'namespace of policies that name none (default: default)' },
    'allow-empty': { help: 'exit with status 0 if there is no policy to judge' },
    format: { value: 'FORMAT', choices: ['text', 'json', 'sarif', 'github'], help: 'output format (default: text)' },
    fix: { help: 'first fix what needs no decision, as netpol-guard fix does' },
    diff: { help: 'with --fix: print what would change, and change and report nothing' },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY, what: 'a file, a folder, or - for standard input' },
  more: `
lint reads all files together as one cluster: Namespaces with their labels, and NetworkPolicies. It reads folders
recursively (*.yaml, *.yml, *.json) and skips hidden folders and node_modules. It reads a symbolic link to a file under
the name of the link, as kubectl would apply it, and does not follow a link to a folder. It reports broken links, pipes
and devices without reading them. A file may have up to 32 MiB, a document in it up to 4 MiB. lint reads files as
kubectl does: as YAML 1.1, where an object with items is a list of objects. A document that YAML parsers read
differently is an error.

A Namespace among the files may lower its own level (netpol-guard.io/enforce: "off"); lint prints a note about it. In a
pipeline, where anyone may have written the files, use --ignore-labels to ignore such labels.

lint lists templates of Helm charts and partial policies that a kustomization uses as patches, without judging them.
Render them, and lint the output. It judges every whole policy in such files, since kubectl would apply it. A note lists
skipped folders that contain manifests.

Exit status: 0 no errors, 1 something would be refused, 2 a path could not be read, or nothing was judged.

Examples:
  netpol-guard lint deploy/
  netpol-guard lint <(helm template charts/web) <(kustomize build overlays/live)
  helm template . | netpol-guard lint --namespace shop -
  netpol-guard lint --level strict --format sarif deploy/ > netpol-guard.sarif
`,
};

/** FIX is how `fix` is called. */
export const FIX: Command = {
  name: 'fix',
  usage: 'FILE|FOLDER|- … [flags]',
  summary: 'fix what needs no decision, and leave everything else as it is',
  flags: {
    diff: { help: 'print what would change as a unified diff, and change nothing' },
    strict: { help: 'with -: fail as lint does' },
    'allow-empty': { help: 'exit with status 0 if there is no policy to judge' },
    level: { ...LEVEL_FLAG, help: `${LEVEL_FLAG.help} (default: standard)` },
    'ignore-labels': { help: 'use that level for every namespace, whatever labels its manifest has' },
    config: CONFIG_FLAG,
    namespace: { value: 'NS', short: 'n', help: 'namespace of policies that name none (default: default)' },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY, what: 'a file, a folder, or - for standard input' },
  more: `
It names cluster DNS in a rule that opens only DNS to anywhere, adds the missing one of UDP and TCP, joins two halves of
a peer, and corrects namespace labels such as name: kube-system. Ranges of addresses, egress: [{}] and ports by name
are for you to decide: each finding that is left is a line on standard error. Comments, order and layout stay. All files
are read as one cluster, as lint reads them, and judged again before anything is written.

With - it is a filter: all manifests come in on standard input, and go out on standard output. What it cannot read, it
passes on as it is, with status 0: no manifest is lost between helm and the cluster. --strict fails instead.

Exit status: 0 nothing that would be refused is left, 1 something is, or with --diff something would change, 2 a path is
missing, nothing was judged, or a file cannot be written.

Examples:
  netpol-guard fix deploy/
  netpol-guard fix --diff deploy/
  helm template . | netpol-guard fix - | kubectl apply -f -
`,
};

/** EXPLAIN is how `explain` is called. */
export const EXPLAIN: Command = {
  name: 'explain',
  usage: '[RULE]',
  summary: 'print the page of a rule, or the list of all rules',
  flags: {},
  positionals: { min: 0, max: 1, what: 'one rule' },
  more: `
Examples:
  netpol-guard explain
  netpol-guard explain dns-open-to-anywhere
`,
};

/** CONFIG_CHECK is how `config check` is called. */
export const CONFIG_CHECK: Command = {
  name: 'config check',
  usage: 'FILE|-',
  summary: 'check a configuration file before netpol-guard reads it',
  flags: {},
  positionals: { min: 1, max: 1, what: 'one file, or - for standard input' },
  more: `
config check prints every problem, with line, path and the nearest known key. For a valid file it prints one line about
what is enforced, and notes exemptions that have expired or cover everything. FILE may be the ConfigMap that holds the
configuration.

Exit status: 0 valid, 1 invalid, 2 could not run.

Examples:
  netpol-guard config check guard.yaml
  kubectl get configmap netpol-guard-config -n netpol-guard -o yaml | netpol-guard config check -
  helm template netpol-guard CHART -f values.yaml -s templates/configuration.yaml | netpol-guard config check -
`,
};

/** VERSION is how `version` is called. */
export const VERSION: Command = {
  name: 'version',
  usage: '',
  summary: 'print the version',
  flags: {},
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: '',
};
