import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseCommand } from '../../src/cli/command.ts';
import { EXPLAIN, LINT, SERVE } from '../../src/cli/commands.ts';
import { complaint } from '../../src/cli/complaint.ts';
import { serveOptions } from '../../src/cli/options.ts';
import { CredentialsError } from '../../src/cluster/access/credentials.ts';
import { askPlugin } from '../../src/cluster/access/exec-plugin.ts';
import { readKubeconfig } from '../../src/cluster/access/kubeconfig.ts';
import { ApiError } from '../../src/cluster/api/api-error.ts';
import { contactProblem } from '../../src/cluster/contact-problem.ts';
import { admissionPolicies } from '../../src/commands/admission-policies.ts';
import { baselineOffline, writeBaseline } from '../../src/commands/baseline.ts';
import { configCheck } from '../../src/commands/config-check.ts';
import { explain } from '../../src/commands/explain.ts';
import { lint } from '../../src/commands/lint.ts';
import { ContactError } from '../../src/commands/serve/connect.ts';
import { tellCluster } from '../../src/commands/serve/tell-cluster.ts';
import { dnsServer } from '../../src/config/dns-servers.ts';
import { loadConfiguration, readConfiguration } from '../../src/config/load.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { printableJson } from '../../src/objects/printable.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { reportGithub } from '../../src/report/github.ts';
import { reportJson } from '../../src/report/json.ts';
import { makeReport, type Report } from '../../src/report/report.ts';
import { reportSarif } from '../../src/report/sarif.ts';
import { reportText } from '../../src/report/text.ts';
import { type TestIo, testIo, withFiles } from '../unit/cli/setup.ts';
import { SETTINGS } from '../unit/policy/fixtures.ts';
import { type Sink, textsIn } from './sink.ts';

/** A report of which every field is the text that a stranger can fill, in a file and in a cluster. */
function reportOf(text: string): Report {
  const rest = { rule: 'dns-blocked', docs: 'https://docs.example/rules/dns-blocked.md' };
  const named = { apiVersion: text, kind: text, namespace: text, name: text, path: text };
  const said = { ...rest, ...named, message: text, help: `${text}\n${text}` };
  const placed = { file: text, line: 1, column: 1, offset: 0 };
  const findings = [
    { ...said, ...placed, severity: 'error' } as const,
    { ...said, severity: 'warning', certain: false } as const,
  ];
  return makeReport(findings, { files: 1, documents: 1, policies: 1 }, [text, `${text}: ${text}`]);
}

const sourcesOf = (text: string) => new Map([[text, new SourceText(text, `${text}\n${text}`)]]);

/** The name of a file may be anything but these. */
const fileName = (text: string) => text.replaceAll(/[\0/\p{Cs}]/gu, '_');

/** filesOf are manifests whose every free place holds the text, and what is no manifest. */
export function filesOf(text: string): Readonly<Record<string, string>> {
  const [quoted, name] = [JSON.stringify(text), fileName(text)];
  const labels = `{${quoted}: ${quoted}}`;
  const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n';
  return {
    [`${name}.yaml`]: [
      `${head}metadata: {name: ${quoted}, labels: ${labels}}\nspec: {podSelector: {matchLabels: ${labels}}, ${quoted}: 1}`,
      `${head}metadata: {name: a, namespace: b}\nspec: {podSelector: {}, policyTypes: [Egress]} # ${text.replaceAll(/[\r\n]/g, ' ')}`,
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: c, labels: {netpol-guard.io/enforce: ${quoted}}}`,
      `apiVersion: ${quoted}\nkind: NetworkPolicy`,
    ].join('\n---\n'),
    [`${name}.json`]: text,
    [`more/${name}/a.yaml`]: `a: [${text}`,
  };
}

const printedBy = ({ printed }: TestIo) => `${printed.out}\n${printed.err}`;

/** What the program prints that ends with an error of this work; nothing where it ends with none. */
async function complaintOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return '';
  } catch (error) {
    return complaint(error);
  }
}

const yaml = (output: string): unknown => parseAllDocuments(output).map((document): unknown => document.toJS());

/** The strings of CEL, which has JSON's escapes. */
function celStrings(output: string): readonly string[] {
  const literals = textsIn(yaml(output)).flatMap((text) => text.match(/"(?:[^"\\]|\\.)*"/gs) ?? []);
  return literals.map((literal) => String(JSON.parse(literal)));
}

/** PRINTED is what the program prints, and what it writes into files. */
export const PRINTED: readonly Sink[] = [
  {
    name: 'a report for people',
    files: ['report/text.ts'],
    send: (text) => reportText(reportOf(text), sourcesOf(text), false),
  },
  {
    name: 'annotations of GitHub',
    files: ['report/github.ts'],
    // Its own commands are what it is for: without them, the rest must be none.
    send: (text) => reportGithub(reportOf(text)).replaceAll(/^::(?:error|warning|notice) [^:]*::/gm, 'a command: '),
  },
  { name: 'JSON', files: ['report/json.ts'], send: (text) => reportJson(reportOf(text)), parse: JSON.parse },
  {
    name: 'SARIF',
    files: ['report/sarif.ts'],
    send: (text) => reportSarif(reportOf(text), '1.2.3', 'https://docs.example'),
    parse: JSON.parse,
  },
  {
    name: 'lint',
    files: ['commands/lint.ts'],
    send: (text) =>
      withFiles(filesOf(text), async (folder) => {
        const io = testIo();
        const formats = ['text', 'json', 'sarif'] as const;
        const paths = [folder, `${fileName(text)}.none`];
        for (const format of formats) await lint({ paths, namespace: 'default', format, version: '' }, io);
        return printedBy(io);
      }),
  },
  {
    name: 'explain',
    files: ['commands/explain.ts', 'report/docs-page.ts'],
    send: (text) => {
      const io = testIo();
      explain(text, io);
      return printedBy(io);
    },
  },
  {
    name: 'baseline, of a cluster whose DNS has such labels',
    files: ['commands/baseline.ts'],
    send: async (text) => {
      const matchLabels = { [text]: text };
      const server = dnsServer({ namespaceSelector: { matchLabels }, podSelector: { matchLabels } }, text);
      const known = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
      const snapshot = { ...known, dns: { ...known.dns, worlds: [{ name: text, servers: [server] }] } };
      const io = testIo();
      await writeBaseline({ template: 'default-deny', kustomize: false }, SETTINGS, snapshot, io);
      return io.printed.out;
    },
    parse: yaml,
  },
  {
    name: 'baseline, into a folder of that name',
    files: ['commands/baseline.ts'],
    send: (text) =>
      withFiles({}, async (folder) => {
        const io = testIo();
        await baselineOffline({ kustomize: true, output: join(folder, fileName(text)) }, io);
        return printedBy(io);
      }),
  },
  {
    name: 'admission-policies, of users and groups of that name',
    files: ['commands/admission-policies.ts'],
    send: (text) => {
      const configuration = printableJson({ exemptions: { users: [text], groups: [text] } });
      return withFiles({ 'config.yaml': configuration }, async (folder) => {
        const io = testIo();
        const own = { namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };
        const rest = { enforcement: 'enforce', isStatic: false, failsOpen: true } as const;
        await admissionPolicies({ config: join(folder, 'config.yaml'), ...own, ...rest }, io);
        return io.printed.out;
      });
    },
    parse: celStrings,
  },
  {
    name: 'the errors of the command line',
    files: ['main.ts'],
    send: async (text) => {
      const flags = [`--${text}`, `--format=${text}`, `--${text}=${text}`];
      const unknown = { template: text, kustomize: false };
      const misnamed = { namespace: text, kustomize: false };
      const complaints = await Promise.all([
        ...flags.map((flag) => complaintOf(() => parseCommand(LINT, [flag, '.']))),
        complaintOf(() => parseCommand(EXPLAIN, [text, text])),
        complaintOf(() => serveOptions(parseCommand(SERVE, [`--port=${text}`]))),
        complaintOf(() => baselineOffline(unknown, testIo())),
        complaintOf(() => baselineOffline(misnamed, testIo())),
        complaintOf(() => Promise.reject(new Error(text))),
      ]);
      return complaints.join('');
    },
  },
  {
    name: 'config check, of a file that says so or is called so',
    files: ['commands/config-check.ts'],
    send: (text) => {
      const named = fileName(text);
      const files = {
        'valid.yaml': printableJson({
          exemptions: { groups: ['system:authenticated', text] },
          rules: { 'dns-blocked': 'off' },
        }),
        'unknown.yaml': printableJson({ [text]: text, enforce: text, rules: { [text]: text } }),
        [named]: 'enforce: strict',
      };
      return withFiles(files, async (folder) => {
        const ios = Object.keys(files).map((file) => [join(folder, file), testIo()] as const);
        await Promise.all(ios.map(([path, io]) => configCheck(path, io)));
        return ios.map(([, io]) => printedBy(io)).join('\n');
      });
    },
  },
  {
    name: 'which cluster is used, by a context of that name',
    files: ['commands/serve/tell-cluster.ts'],
    send: (text) => {
      const io = testIo();
      tellCluster({}, { origin: `context "${text}" of ${text}` }, io);
      return printedBy(io);
    },
  },
  {
    name: 'why a cluster cannot be asked',
    files: ['main.ts'],
    send: async (text) => {
      const way = { server: new URL('https://api.example'), origin: `context "${text}" of ${text}` };
      const errors = [
        ...[401, 403, 503].map((code) => new ApiError('list', code, { reason: text, message: text })),
        await askPlugin({ exec: { command: text, installHint: text }, user: text, env: {} }).catch(
          (error: unknown) => error,
        ),
        new CredentialsError(text),
        new Error(text),
      ];
      const named = () =>
        readKubeconfig([{ path: '/dev/null', shown: text }], text, () => ({ 'current-context': text }));
      const said = errors.map((error) => complaint(new ContactError(contactProblem(error, way))));
      return `${said.join('')}${await complaintOf(named)}`;
    },
  },
  {
    name: 'the errors of a configuration',
    files: ['main.ts'],
    send: (text) => {
      const templates = { [text]: [{ [text]: text }], a: [{ apiVersion: text, kind: text, spec: { [text]: text } }] };
      const selectors = [{ namespaceSelector: { matchLabels: { [text]: text } }, podSelector: { [text]: text } }];
      const wrong = printableJson({
        [text]: text,
        enforce: text,
        baseline: { templates },
        dns: { servers: selectors },
      });
      const misspelt = printableJson({ baseline: { template: text } });
      return withFiles({ [fileName(text)]: text }, async (folder) => {
        const complaints = await Promise.all([
          complaintOf(() => loadConfiguration(join(folder, fileName(text)))),
          complaintOf(() => loadConfiguration(join(folder, `${text}.none`))),
          ...[wrong, misspelt, text].map((given) => complaintOf(() => readConfiguration(given, text))),
        ]);
        return complaints.join('');
      });
    },
  },
];
