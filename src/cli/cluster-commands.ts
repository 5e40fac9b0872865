import { ENFORCEMENTS } from '../admission-policies/actions.ts';
import { LOG_LEVELS } from '../runtime/log-level.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, CONTEXT_FLAG, KUBECONFIG_FLAG, LEVEL_FLAG } from './flags.ts';

/** SCAN is how `scan` is called. */
export const SCAN: Command = {
  name: 'scan',
  usage: '[flags]',
  summary: 'check every policy of a live cluster, before anything is enforced',
  flags: {
    kubeconfig: KUBECONFIG_FLAG,
    context: CONTEXT_FLAG,
    config: CONFIG_FLAG,
    namespace: {
      value: 'NS',
      short: 'n',
      help: 'check only this namespace; several as a,b, as a glob, or by repeating the flag',
    },
    'all-namespaces': { short: 'A', help: 'check every namespace (the default)' },
    level: { ...LEVEL_FLAG, help: `${LEVEL_FLAG.help} (default: from the configuration)` },
    format: { value: 'FORMAT', choices: ['text', 'json'], help: 'output format (default: text)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
scan changes nothing in the cluster. It reports an error for what would be refused, and a warning for what would only
be warned about or audited. With enforcement off, --level standard shows what would be refused once it is on.

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
    config: CONFIG_FLAG,
    kubeconfig: { ...KUBECONFIG_FLAG, help: 'discover DNS and API server from this cluster' },
    context: { ...CONTEXT_FLAG, help: 'discover DNS and API server from this kubeconfig context' },
    offline: { help: 'use no cluster; DNS comes from the configuration, else kube-dns' },
    kustomize: { help: 'write a Kustomize component' },
    output: { value: 'DIR', help: 'write files into this folder instead of standard output' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The policies do not have the names and labels of those that netpol-guard manages, so you may change them. Give the
namespace the label netpol-guard.io/baseline: none; otherwise it gets the baseline twice.

baseline discovers DNS and API server from the cluster that kubectl would use: --kubeconfig or --context, else
$KUBECONFIG, else ~/.kube/config, else in-cluster. Without any of these, or with --offline, cluster DNS comes from the
configuration, else kube-dns.

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
    kubeconfig: KUBECONFIG_FLAG,
    context: CONTEXT_FLAG,
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
cleanup looks for policies that netpol-guard itself applied, in all namespaces. Uninstall netpol-guard first: while it
runs, it recreates them. The labels of namespaces stay as they are.

Exit status: 0 done, 2 could not run.

Examples:
  netpol-guard cleanup
  netpol-guard cleanup --delete-baseline --context staging
`,
};

/** ADMISSION_POLICIES is how `admission-policies` is called. */
export const ADMISSION_POLICIES: Command = {
  name: 'admission-policies',
  usage: '[flags]',
  summary: 'print the ValidatingAdmissionPolicies that the API server enforces by itself',
  flags: {
    config: CONFIG_FLAG,
    static: { help: 'for a folder that the API server reads; names end in .static.k8s.io' },
    enforcement: {
      value: 'E',
      choices: ENFORCEMENTS,
      help: 'refuse, or only warn or audit (default: enforce)',
    },
    'fails-open': { help: 'for clusters where the webhook is absent or fails open' },
    namespace: { value: 'NS', short: 'n', help: 'namespace of netpol-guard (default: netpol-guard)' },
    'service-account': { value: 'NAME', help: 'its ServiceAccount (default: netpol-guard)' },
  },
  positionals: { min: 0, max: 0, what: 'nothing' },
  more: `
The chart renders the same policies from its values. Print them for an installation without Helm, or for the manifests
that an API server reads from its disk (from Kubernetes 1.37 on), where no one can delete them through the API. They
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
    config: CONFIG_FLAG,
    kubeconfig: { ...KUBECONFIG_FLAG, help: 'kubeconfig file (default: $KUBECONFIG, in-cluster)' },
    'bind-address': { value: 'A', help: 'address to listen on (default: all; 127.0.0.1 with --standalone)' },
    port: { value: 'N', help: 'port of the webhook, HTTPS; 0 takes a free one (default: 10250)' },
    'health-port': { value: 'N', help: 'port of /livez and /readyz, HTTP (default: 8081)' },
    'metrics-port': { value: 'N', help: 'port of /metrics, HTTP (default: 8080)' },
    'tls-cert-file': { value: 'F', help: 'certificate chain, PEM; reloaded when it changes' },
    'tls-private-key-file': { value: 'F', help: 'private key of the certificate, PEM' },
    'path-secret-file': { value: 'FILE', help: 'secrets at the end of paths, one per line; reloaded when it changes' },
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
