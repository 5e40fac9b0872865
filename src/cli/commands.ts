import { ENFORCEMENTS } from '../admission-policies/actions.ts';
import { LOG_LEVELS } from '../runtime/log-level.ts';
import type { Command, Flag } from './command.ts';

const config: Flag = { value: 'FILE', help: 'configuration file; the defaults where absent' };
const kubeconfig: Flag = { value: 'FILE', help: 'how to reach the cluster; else KUBECONFIG, else the pod it runs in' };
const level: Flag = {
  value: 'LEVEL',
  choices: ['standard', 'strict'],
  help: 'what counts as an error where a namespace does not say',
};

/** LINT, and the others below, are the commands as help and parser know them. */
export const LINT: Command = {
  name: 'lint',
  usage: 'FILE|FOLDER|- … [flags]',
  summary: 'judge manifests as the webhook would, without a cluster',
  flags: {
    level: { ...level, help: `${level.help} (default standard)` },
    'ignore-labels': { help: 'judge every namespace by that level, whatever labels its manifest has' },
    config,
    namespace: { value: 'NS', short: 'n', help: 'namespace of policies that name none (default "default")' },
    format: { value: 'FORMAT', choices: ['text', 'json', 'sarif', 'github'], help: 'how to report (default text)' },
    fix: { help: 'first fix what nobody has to decide, as netpol-guard fix does' },
    diff: { help: 'with --fix: print what would change, and change and report nothing' },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY, what: 'a file, a folder, or - for standard input' },
  more: `
All files together are read as one cluster: Namespaces with their labels, and NetworkPolicies. Folders are read
recursively (*.yaml, *.yml, *.json), leaving out hidden folders and node_modules. A symbolic link to a file is judged
under its own name, as kubectl would apply it; one to a folder is not followed. Links to nothing, pipes and devices are
named and not read. A file may be as large as 32 MiB, a document in it 4 MiB. They are read as kubectl reads them, in
YAML 1.1, and whatever has items is a list of objects. A document that parsers of YAML read differently is an error.

A Namespace among the files may lower its own level (netpol-guard.io/enforce: "off"). A note says so; in a pipeline,
whose files anybody may have written, --ignore-labels leaves such labels out.

Exit status: 0 clean or warnings alone, 1 something would be refused, 2 a path is missing or nothing can be read.

Examples:
  netpol-guard lint deploy/
  helm template . | netpol-guard lint --namespace shop -
  netpol-guard lint --level strict --format sarif deploy/ > netpol-guard.sarif
`,
};

/** FIX is how `fix` is called. */
export const FIX: Command = {
  name: 'fix',
  usage: 'FILE|FOLDER|- … [flags]',
  summary: 'fix in manifests what nobody has to decide, and leave all else as it is',
  flags: {
    diff: { help: 'print what would change as a unified diff, and change nothing' },
    strict: { help: 'with -: fail as lint does' },
    'allow-empty': { help: 'exit with status 0 where there is no policy to judge' },
    level: { ...level, help: `${level.help} (default standard)` },
    'ignore-labels': { help: 'judge every namespace by that level, whatever labels its manifest has' },
    config,
    namespace: { value: 'NS', short: 'n', help: 'namespace of policies that name none (default "default")' },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY, what: 'a file, a folder, or - for standard input' },
  more: `
It names cluster DNS in a rule that opens only DNS to anywhere, adds the missing one of UDP and TCP, joins two halves of
a peer, and corrects namespace labels such as name: kube-system. Ranges of addresses, egress: [{}] and ports by name
are for you to decide: each finding that is left is a line on standard error. Comments, order and layout stay. All files
are read as one cluster, as lint reads them, and judged again before anything is written.

With - it is a filter: all manifests come in on standard input, and go out on standard output. What it cannot read, it
passes on as it is, with status 0: nothing is lost between helm and the cluster, where the webhook judges it. --strict
fails instead.

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
  positionals: { min: 0, max: 1, what: 'a rule' },
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
  summary: 'judge every policy of a live cluster, before anything is enforced',
  flags: {
    kubeconfig,
    context: { value: 'NAME', help: 'context of the kubeconfig (default its current one)' },
    config,
    namespace: { value: 'NS', short: 'n', help: 'judge the policies of this namespace alone' },
    level: { ...level, help: `${level.help} (default the configuration's)` },
    format: { value: 'FORMAT', choices: ['text', 'json'], help: 'how to report (default text)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
Nothing in the cluster is changed. What would be refused is an error; what would be warned of, or is audited alone, is a
warning. With enforcement off, --level standard shows what would be refused once it is on.

Exit status: 0 clean or warnings alone, 1 something would be refused, 2 the cluster cannot be read.

Examples:
  netpol-guard scan
  netpol-guard scan --context staging --level strict --format json
`,
};

/** BASELINE is how `baseline` is called. */
export const BASELINE: Command = {
  name: 'baseline',
  usage: '[flags]',
  summary: "print a namespace's baseline as manifests, for those who keep it themselves",
  flags: {
    namespace: { value: 'NS', short: 'n', help: 'write this namespace into the policies' },
    template: {
      value: 'T',
      help: "which template (default the namespace's in the cluster, else the configuration's default)",
    },
    config,
    kubeconfig: { value: 'FILE', help: 'ask this cluster who its DNS is, and where its API server listens' },
    context: { value: 'NAME', help: 'the same, by a context of the kubeconfig' },
    kustomize: { help: 'a kustomize component' },
    output: { value: 'DIR', help: 'write files into this folder, where a component needs its policies beside it' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The policies have names and labels of your own: what netpol-guard keeps itself it refuses to let others change. Give the
namespace the label netpol-guard.io/baseline: none, so that it has the baseline once. Without --kubeconfig and --context
no cluster is asked: cluster DNS is what the configuration says, else kube-dns.

Exit status: 0 written, 2 the template is unknown or hangs on facts that are not known.

Examples:
  netpol-guard baseline -n shop > shop/baseline.yaml
  netpol-guard baseline --template default-deny-egress --kubeconfig ~/.kube/config
  netpol-guard baseline --kustomize --output components/baseline
`,
};

/** CLEANUP is how `cleanup` is called. */
export const CLEANUP: Command = {
  name: 'cleanup',
  usage: '[flags]',
  summary: 'print the baseline policies that stay in a cluster when netpol-guard has gone, or delete them',
  flags: {
    'delete-baseline': { help: 'delete them; pods that they kept from talking may then talk' },
    kubeconfig,
    context: { value: 'NAME', help: 'context of the kubeconfig (default its current one)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
Only policies that netpol-guard itself applied are meant, in all namespaces. While it runs it would make them again:
uninstall it first. Labels of namespaces stay as they are.

Exit status: 0 done, 2 the cluster cannot be reached, or refuses.

Examples:
  netpol-guard cleanup
  netpol-guard cleanup --delete-baseline --context staging
`,
};

/** ADMISSION_POLICIES is how `admission-policies` is called. */
export const ADMISSION_POLICIES: Command = {
  name: 'admission-policies',
  usage: '[flags]',
  summary: 'print what the API server decides by itself, as ValidatingAdmissionPolicies',
  flags: {
    config,
    static: { help: 'for a folder that the API server reads at its start: names end in .static.k8s.io' },
    enforcement: {
      value: 'E',
      choices: ENFORCEMENTS,
      help: 'refuse, or warn or audit instead (default enforce)',
    },
    'fails-open': { help: 'the webhook lets NetworkPolicies through while it is down, or there is none' },
    namespace: { value: 'NS', short: 'n', help: 'where netpol-guard runs (default "netpol-guard")' },
    'service-account': { value: 'NAME', help: 'as whom it runs there (default "netpol-guard")' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The chart renders the same from its values. Print them for a cluster that is not installed by Helm, or for the manifests
that an API server reads from its disk (from Kubernetes 1.37 on), where nobody can delete them through the API. They
follow the configuration: print them again when it changes. With --fails-open they judge what
one policy opens to anywhere, and guard the baseline without the webhook's help.

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
    kubeconfig,
    'bind-address': { value: 'A', help: 'address to listen on (default every one; 127.0.0.1 with --standalone)' },
    port: { value: 'N', help: 'port of the webhook, HTTPS; 0 takes a free one (default 10250)' },
    'health-port': { value: 'N', help: 'port of /livez and /readyz, HTTP (default 8081)' },
    'metrics-port': { value: 'N', help: 'port of /metrics, HTTP (default 8080)' },
    'tls-cert-file': { value: 'F', help: 'certificate chain, PEM; read again when it changes' },
    'tls-private-key-file': { value: 'F', help: 'its private key, PEM' },
    'path-secret-file': { value: 'FILE', help: 'secrets that paths end in, a line each; read again when it changes' },
    'log-level': {
      value: 'LEVEL',
      choices: LOG_LEVELS,
      help: 'least important lines to log (default info)',
    },
    'shutdown-delay': {
      value: 'SECONDS',
      help: 'how long to go on answering after SIGTERM (default 15; 0 with --standalone)',
    },
    standalone: { help: 'run without a cluster, with a certificate of its own making where none is given' },
    manifests: { value: 'DIR', help: 'with --standalone: the objects of the cluster that it stands in for' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The first line on standard output is "listening on https://HOST:PORT"; "health on http://HOST:PORT" and "metrics on
http://HOST:PORT" follow.

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
  ADMISSION_POLICIES,
  EXPLAIN,
  VERSION,
];

/** helpOfAll prints the list of commands. */
export function helpOfAll(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `netpol-guard keeps DNS right under zero-trust network policies.\n\nUsage: netpol-guard COMMAND [flags]\n\nCommands:\n${rows}\n\nnetpol-guard COMMAND --help says more about each.\n`;
}
