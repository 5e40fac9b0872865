import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DENY_ALL, OPEN_DNS, policyYaml, withFiles } from '../cli/setup.ts';
import { brief, documents, lintText, type Outcome } from './lint-text.ts';

const OPEN = policyYaml('web', 'shop', OPEN_DNS);
const HIDDEN = OPEN.replace('kind: NetworkPolicy', 'kind: "Network\\x50olicy"');
const DENY = policyYaml('deny', 'shop', DENY_ALL);
const PART = policyYaml('web', 'shop', '  egress:\n    - to: [{podSelector: {matchLabels: {app: database}}}]');
const OPEN_PART = policyYaml('web', 'shop', '  egress:\n    - ports: [{protocol: UDP, port: 53}]');
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n';

async function lintFiles(files: Readonly<Record<string, string>>, below = ''): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await withFiles(files, async (folder) => {
    outcome = await lintText('', { paths: [join(folder, below)] });
  });
  if (outcome === undefined) throw new Error('nothing was linted');
  return outcome;
}

const patches = (path: string, more = '') => `patches: [{path: ${path}${more}}]\n`;

describe('a file that a kustomization names as a patch', () => {
  it.each([
    ['beside it', { 'manifests/kustomization.yaml': patches('web.yaml') }],
    ['above what is linted', { 'kustomization.yaml': patches('manifests/web.yaml') }],
    [
      'far above',
      { 'a/Kustomization': patches('../manifests/web.yaml'), 'kustomization.yml': patches('./manifests/web.yaml') },
    ],
    ['for a kind', { 'kustomization.yaml': patches('manifests/web.yaml', ', target: {kind: NetworkPolicy}') }],
    ['for another kind', { 'kustomization.yaml': patches('manifests/web.yaml', ', target: {kind: Deployment}') }],
    ['in the old way', { 'kustomization.yaml': 'patchesStrategicMerge: [manifests/web.yaml]\n' }],
  ])('is judged where it holds a whole policy: %s', async (_, files) => {
    for (const text of [OPEN, HIDDEN, documents('a: 1\n', OPEN), documents(PART, OPEN)]) {
      const outcome = await lintFiles({ 'manifests/web.yaml': text, ...files }, 'manifests');
      expect(outcome.findings.map(({ rule }) => rule)).toContain('dns-open-to-anywhere');
      expect(outcome.exit).toBe(1);
    }
  });

  it('is named where it holds a part of one, which shuts nothing', async () => {
    for (const text of [PART, PART.replace('spec:\n', 'spec:\n  podSelector: {}\n  $patch: replace\n')]) {
      const outcome = await lintFiles({ 'web.yaml': text, 'kustomization.yaml': patches('web.yaml') });
      expect(brief(outcome)).toEqual(['1:1 warning unrendered-policy']);
      expect(outcome.exit).toBe(2);
    }
  });

  it('is judged for what a part of one opens, since kubectl takes it for a policy of all pods', async () => {
    const outcome = await lintFiles({ 'web.yaml': OPEN_PART, 'kustomization.yaml': patches('web.yaml') });
    expect(brief(outcome)).toEqual(['1:1 warning unrendered-policy', '8:7 error dns-open-to-anywhere spec.egress[0]']);
  });

  it('makes no policy of the others better by a part', async () => {
    const files = { 'web.yaml': policyYaml('dns', 'shop', '  egress: [{}]'), 'deny.yaml': DENY };
    const outcome = await lintFiles({ ...files, 'kustomization.yaml': patches('web.yaml') });
    expect(outcome.findings.map(({ rule }) => rule)).toContain('dns-blocked');
  });

  it.each([
    ['of the same kustomization', { 'live/kustomization.yaml': `resources: [./web.yaml]\n${patches('web.yaml')}` }],
    [
      'of another one',
      { 'live/kustomization.yaml': patches('web.yaml'), 'kustomization.yaml': 'resources: [live/web.yaml]\n' },
    ],
  ])('is a whole manifest where it is a resource too: %s', async (_, files) => {
    const outcome = await lintFiles({ 'live/web.yaml': PART, ...files });
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(['policy-types-missing', 'dns-blocked']);
  });

  it.each([
    ['of the kind', ', target: {kind: NetworkPolicy}', '/metadata/labels', 1],
    ['of a pattern that may be the kind', ', target: {kind: "Net.*"}', '/spec/egress/0', 1],
    ['of any kind, and for what policies have', '', '/spec/policyTypes', 1],
    ['of any kind, and for what others have', '', '/spec/replicas', 0],
    ['of another kind', ', target: {kind: Deployment}', '/spec', 0],
  ])('is named where it is a JSON patch: %s', async (_, target, path, count) => {
    const patch = `- {op: replace, path: ${path}, value: []}\n`;
    const { findings } = await lintFiles({ 'p.yaml': patch, 'kustomization.yaml': patches('p.yaml', target) });
    expect(findings.map(({ rule }) => rule)).toEqual(Array.from({ length: count }, () => 'unrendered-policy'));
  });
});

describe('a kustomization with patches in it', () => {
  it.each([
    ['with its kind', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'],
    ['without', ''],
  ])('is named %s, by what it patches', async (_, head) => {
    const patch = (kind: string) => `${head}patches:\n  - patch: |-\n      kind: ${kind}\n      metadata: {name: a}\n`;
    const { findings } = await lintFiles({ 'kustomization.yaml': patch('NetworkPolicy') });
    expect(findings.map(({ rule, severity, message }) => [rule, severity, message])).toEqual([
      [
        'unrendered-policy',
        'warning',
        expect.stringMatching(
          /^Kustomization changes NetworkPolicies, and the result is not judged; render it first: kustomize build \S+ \| netpol-guard lint -$/,
        ),
      ],
    ]);
    expect((await lintFiles({ 'kustomization.yaml': patch('Deployment') })).findings).toEqual([]);
  });

  it('hides no other document of its file', async () => {
    const outcome = await lintFiles({
      'kustomization.yaml': documents('patches: [{patch: "NetworkPolicy\\n"}]\n', OPEN),
    });
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(['dns-open-to-anywhere']);
  });
});

describe('a template of a chart', () => {
  const chart = (templates: Readonly<Record<string, string>>) => ({
    'web/Chart.yaml': 'name: web\n',
    ...Object.fromEntries(Object.entries(templates).map(([name, text]) => [`web/templates/${name}`, text])),
  });

  it.each([
    ['in a comment', '# {{ }}\n'],
    ['behind the first document', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ }}"}\n---\n'],
    ['in a document that is a template', `${DEPLOYMENT}---\n`],
  ])('is judged where a document is a whole policy, with an action %s', async (_, before) => {
    for (const text of [OPEN, HIDDEN]) {
      const outcome = await lintFiles(chart({ 'a.yaml': `${before}${text}` }));
      expect(outcome.findings.map(({ rule }) => rule)).toEqual(['dns-open-to-anywhere']);
      expect(outcome.exit).toBe(1);
    }
  });

  it.each([
    ['a policy with an action in it', OPEN.replace('name: web', 'name: "{{ .Release.Name }}"')],
    ['a policy with an action in a label', HIDDEN.replace('  name: web', '  name: web\n  labels: {a: "{{ }}"}')],
    ['a policy with an action around it', `{{- if .Values.a }}\n${OPEN}{{- end }}\n`],
    ['a policy whose kind is written in another way', `{{- if .Values.a }}\n${HIDDEN}{{- end }}\n`],
    ['what has an action for its kind', 'apiVersion: v1\nkind: {{ .Values.kind }}\n'],
    ['what has no kind', 'apiVersion: v1\n{{ include "rest" . }}\n'],
    ['what has two kinds', 'kind: NetworkPolicy\n{{ if .a }}\nkind: Deployment\n{{ end }}\n'],
    ['what prints a policy', '{{ include "web.networkPolicy" . }}\n'],
    ['what cannot be read without its actions', `${DEPLOYMENT}a: [\n`],
  ])('is one error for the chart: %s', async (_, text) => {
    const outcome = await lintFiles(chart({ 'a.yaml': text, 'b.yaml': text }));
    expect(outcome.findings.map(({ rule, severity, message }) => [rule, severity, message])).toEqual([
      [
        'invalid-yaml',
        'error',
        expect.stringMatching(/^is a template of a Helm chart, not a manifest, like 1 more of /),
      ],
    ]);
    expect(outcome.exit).toBe(2);
  });

  it.each([
    ['a tag that kubectl reads in another way', OPEN.replace('kind: ', 'a: [!!str,b]\nkind: ')],
    ['a document behind "..."', `${OPEN}...\n{{\n`],
    ['a key given twice', OPEN.replace('kind: ', 'kind: Deployment\nkind: ')],
  ])('is an error of its own where kubectl may read it: %s', async (_, text) => {
    const outcome = await lintFiles(chart({ 'a.yaml': `# {{ }}\n${text}` }));
    expect(outcome.findings.map(({ rule, message }) => [rule, message])).toEqual([
      ['invalid-yaml', expect.not.stringContaining('is a template of')],
    ]);
  });

  it.each([
    ['over lines', `kind: Deployment\n# {{\n${OPEN}# }}\nb: {{ .a }}\n`],
    ['in a line', '{"kind": "Deployment", "{{": {, "kind": "NetworkPolicy", "}}": 1}\n'],
    [
      'behind a space that is none to YAML',
      `\u00a0{{: 1\n${OPEN.replace('name: web', 'a: {b: c\n}\n  name: web')}a: }}\n`,
    ],
    ['in a text', `a: "{{ " # }}\n${OPEN}b: {c: d\n}\ne: " # "\nkind: Deployment\n`],
  ])('hides nothing in what looks like an action: %s', async (_, text) => {
    expect((await lintFiles(chart({ 'a.yaml': text }))).findings).toMatchObject([{ severity: 'error' }]);
  });

  it('that makes no policy is a note', async () => {
    const files = chart({ 'a.yaml': `{{- if .Values.a }}\n${DEPLOYMENT}{{- end }}\n`, 'b.yaml': DEPLOYMENT });
    const { findings, notes } = await lintFiles({ ...files, 'deny.yaml': OPEN });
    expect(findings.map(({ rule }) => rule)).toEqual(['dns-open-to-anywhere']);
    expect(notes).toEqual([
      expect.stringMatching(/web: templates of a Helm chart are not judged; to judge the result: helm template /),
    ]);
  });
});
