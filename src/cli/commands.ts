import { ENFORCEMENTS } from '../admission-policies/actions.ts';
import { didYouMean } from '../objects/did-you-mean.ts';
import { LOG_LEVELS } from '../runtime/log-level.ts';
import { type Command, type Flag, UsageError } from './command.ts';

const config: Flag = { value: 'FILE', help: 'configuration file (default: built-in defaults)' };
const kubeconfig: Flag = { value: 'FILE', help: 'kubeconfig file (default: $KUBECONFIG, ~/.kube/config, in-cluster)' };
const context: Flag = { value: 'NAME', help: 'kubeconfig context (default: its current-context)' };
const level: Flag = {
  value: 'LEVEL',
  choices: ['standard', 'strict'],
  help: 'level for namespaces without an `enforce` label',
};

/** LINT, and the others below, are the commands as help and parser know them. */
export const LINT: Command = {
  name: 'lint',
  usage: 'FILE|FOLDER|- … [flags]',
  summary: 'check manifests as the webhook would, without a cluster',
  flags: {
    level: { ...level, help: `${level.help} (default: standard)` },
    'ignore-labels': { help: 'use that level for every namespace, whatever labels its manifest has' },
    config,
    namespace: { value: 'NS', short: 'n', help: 'namespace of policies that name none (default: default)' },
    'allow-empty': { help: 'exit with status 0 where there is no policy to judge' },
    format: { value: 'FORMAT', choices: ['text', 'json', 'sarif', 'github'], help: 'output format (default: text)' },
    fix: { help: 'first fix what nobody has to decide, as netpol-guard fix does' },
    diff: { help: 'with --fix: print what would change, and change and report nothing' },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY, what: 'a file, a folder, or - for standard input' },
  more: `
lint reads all files together as one cluster: Namespaces with their labels, and NetworkPolicies. It reads folders
recursively (*.yaml, *.yml, *.json) and skips hidden folders and node_modules. It checks a symbolic link to a file under
the name of the link, as kubectl would apply it, and does not follow one to a folder. It names links to nothing, pipes
and devices without reading them. A file may have up to 32 MiB, a document in it 4 MiB. Files are read as kubectl reads
them, as YAML 1.1, and an object with items is a list of objects. A document that YAML parsers read differently is an
error.

A Namespace among the files may lower its own level (netpol-guard.io/enforce: "off"); a note says so. In a pipeline
anybody may have written the files: there --ignore-labels ignores such labels.

Templates of Helm charts and patches of kustomizations are no manifests: lint names them and does not judge them. Lint what
is made of them.

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
    'allow-empty': { help: 'exit with status 0 where there is no policy to judge' },
    level: { ...level, help: `${level.help} (default: standard)` },
    'ignore-labels': { help: 'use that level for every namespace, whatever labels its manifest has' },
    config,
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

/** VERSION is how `version` is called. */
export const VERSION: Command = {
  name: 'version',
  usage: '',
  summary: 'print the version',
  flags: {},
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: '',
};

/** SCAN is how `scan` is called. */
export const SCAN: Command = {
  name: 'scan',
  usage: '[flags]',
  summary: 'check every policy of a live cluster, before anything is enforced',
  flags: {
    kubeconfig,
    context,
    config,
    namespace: {
      value: 'NS',
      short: 'n',
      help: 'check only this namespace; several as a,b, as a glob, or by repeating the flag',
    },
    'all-namespaces': { short: 'A', help: 'check every namespace (the default)' },
    level: { ...level, help: `${level.help} (default: from the configuration)` },
    format: { value: 'FORMAT', choices: ['text', 'json'], help: 'output format (default: text)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
scan changes nothing in the cluster. It reports what would be refused as an error, and what would be warned of or only
audited as a warning. With enforcement off, --level standard shows what would be refused once it is on.

Exit status: 0 no errors, 1 something would be refused, 2 could not run.

Examples:
  netpol-guard scan
  netpol-guard scan --context staging --level strict --format json
`,
};

/** BASELINE is how `baseline` is called. */
export const BASELINE: Command = {
  name: 'baseline',
  usage: '[flags]',
  summary: "print a namespace's baseline as manifests, to keep in your own repository",
  flags: {
    namespace: { value: 'NS', short: 'n', help: 'namespace to write into the policies' },
    template: { value: 'T', help: "template (default: the namespace's in the cluster, else the configured default)" },
    config,
    kubeconfig: { ...kubeconfig, help: 'discover DNS and API server from this cluster' },
    context: { ...context, help: 'discover DNS and API server from this kubeconfig context' },
    offline: { help: 'ask no cluster; DNS is what the configuration says, else kube-dns' },
    kustomize: { help: 'write a Kustomize component' },
    output: { value: 'DIR', help: 'write files into this folder instead of standard output' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The policies do not have the names and labels of those that netpol-guard manages, so you may change them. Give the
namespace the label netpol-guard.io/baseline: none, or it has the baseline twice.

baseline discovers DNS and API server from the cluster that kubectl would use: --kubeconfig or --context, else
$KUBECONFIG, else ~/.kube/config, else in-cluster. Where there is none of these, and with --offline, cluster DNS is what
the configuration says, else kube-dns.

Exit status: 0 written, 2 could not run, or the template needs cluster facts that are unknown.

Examples:
  netpol-guard baseline -n shop > shop/baseline.yaml
  netpol-guard baseline --template default-deny-egress --context staging
  netpol-guard baseline --kustomize --output components/baseline
`,
};

/** CLEANUP is how `cleanup` is called. */
export const CLEANUP: Command = {
  name: 'cleanup',
  usage: '[flags]',
  summary: 'list or delete the baseline policies that an uninstalled netpol-guard left in a cluster',
  flags: {
    'delete-baseline': { help: 'delete them; traffic that they blocked is then allowed' },
    kubeconfig,
    context,
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
cleanup looks for policies that netpol-guard itself applied, in all namespaces. Uninstall netpol-guard first: while it
runs, it makes them again. The labels of namespaces stay as they are.

Exit status: 0 done, 2 could not run.

Examples:
  netpol-guard cleanup
  netpol-guard cleanup --delete-baseline --context staging
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
config check prints everything that is wrong, with line, path and the nearest known key. Of a valid file it says in one
line what is enforced, and notes exemptions that have expired or cover everything. FILE may be the ConfigMap that holds
the configuration.

Exit status: 0 valid, 1 invalid, 2 could not run.

Examples:
  netpol-guard config check guard.yaml
  kubectl get configmap netpol-guard-config -n netpol-guard -o yaml | netpol-guard config check -
  helm template netpol-guard CHART -f values.yaml -s templates/configuration.yaml | netpol-guard config check -
`,
};

/** ADMISSION_POLICIES is how `admission-policies` is called. */
export const ADMISSION_POLICIES: Command = {
  name: 'admission-policies',
  usage: '[flags]',
  summary: 'print the ValidatingAdmissionPolicies that the API server enforces by itself',
  flags: {
    config,
    static: { help: 'for a folder that the API server reads; names end in .static.k8s.io' },
    enforcement: {
      value: 'E',
      choices: ENFORCEMENTS,
      help: 'refuse, or only warn or audit (default: enforce)',
    },
    'fails-open': { help: 'for a webhook that is absent, or that fails open' },
    namespace: { value: 'NS', short: 'n', help: 'namespace of netpol-guard (default: netpol-guard)' },
    'service-account': { value: 'NAME', help: 'its ServiceAccount (default: netpol-guard)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The chart renders the same policies from its values. Print them for an installation without Helm, or for the manifests
that an API server reads from its disk (from Kubernetes 1.37 on), where nobody can delete them through the API. They
depend on the configuration: print them again when it changes. With --fails-open they check what a single policy opens
to anywhere, and guard the baseline without the webhook.

Exit status: 0 printed, 2 the configuration is wrong.

Examples:
  netpol-guard admission-policies --config config.yaml | kubectl apply -f -
  netpol-guard admission-policies --static > /etc/kubernetes/admission/netpol-guard.yaml
`,
};

/** SERVE is how `serve` is called. */
export const SERVE: Command = {
  name: 'serve',
  usage: '[flags]',
  summary: 'run the admission webhook',
  flags: {
    config,
    kubeconfig: { ...kubeconfig, help: 'kubeconfig file (default: $KUBECONFIG, in-cluster)' },
    'bind-address': { value: 'A', help: 'address to listen on (default: all; 127.0.0.1 with --standalone)' },
    port: { value: 'N', help: 'port of the webhook, HTTPS; 0 takes a free one (default: 10250)' },
    'health-port': { value: 'N', help: 'port of /livez and /readyz, HTTP (default: 8081)' },
    'metrics-port': { value: 'N', help: 'port of /metrics, HTTP (default: 8080)' },
    'tls-cert-file': { value: 'F', help: 'certificate chain, PEM; reloaded when it changes' },
    'tls-private-key-file': { value: 'F', help: 'private key of the certificate, PEM' },
    'path-secret-file': { value: 'FILE', help: 'secrets that paths end in, one per line; reloaded when it changes' },
    'log-level': {
      value: 'LEVEL',
      choices: LOG_LEVELS,
      help: 'minimum log level (default: info)',
    },
    'shutdown-delay': {
      value: 'SECONDS',
      help: 'how long to keep answering after SIGTERM (default: 15; 0 with --standalone)',
    },
    standalone: { help: 'run without a cluster, with a self-signed certificate unless one is given' },
    manifests: { value: 'DIR', help: 'with --standalone: manifests that stand in for the cluster' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
serve prints where it listens: first "listening on https://HOST:PORT", then "health on http://HOST:PORT" and "metrics on
http://HOST:PORT".

Examples:
  netpol-guard serve --standalone --manifests examples/shop
  netpol-guard serve --config /etc/netpol-guard/config.yaml --tls-cert-file tls.crt --tls-private-key-file tls.key
`,
};

/** COMMANDS are all commands, in the order of the list that help shows. */
export const COMMANDS: readonly Command[] = [
  SERVE,
  LINT,
  FIX,
  SCAN,
  BASELINE,
  CLEANUP,
  CONFIG_CHECK,
  ADMISSION_POLICIES,
  EXPLAIN,
  VERSION,
];

/** commandOf returns the command that arguments begin with, and those behind its name. Throws UsageError. */
export function commandOf(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const [name = '', second = ''] = args;
  const known = name === '--version' ? VERSION : COMMANDS.find((command) => command.name === name);
  if (known !== undefined) return { command: known, rest: args.slice(1) };
  const two = `${name} ${second}`;
  const command = COMMANDS.find((candidate) => candidate.name === two);
  if (command !== undefined) return { command, rest: args.slice(2) };
  const family = COMMANDS.filter((candidate) => candidate.name.startsWith(`${name} `));
  if (family[0] !== undefined && /^--?\w/.test(second)) return { command: family[0], rest: args.slice(1) };
  // A name of two words is misspelt in one of them, or its second word is missing.
  const meant = family.length > 0 ? two.trim() : name;
  const names = COMMANDS.map((candidate) => candidate.name);
  throw new UsageError(`unknown command "${meant}"; ${didYouMean(meant, names, 'netpol-guard --help lists all')}`);
}

/** helpOfAll prints the list of commands. */
export function helpOfAll(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `netpol-guard keeps DNS right under zero-trust network policies.\n\nUsage: netpol-guard COMMAND [flags]\n\nCommands:\n${rows}\n\nRun netpol-guard COMMAND --help for the flags of a command.\n`;
}
