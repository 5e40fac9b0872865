import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { BaselineOptions } from '../../../src/cli/options.ts';
import { baselineOffline, writeBaseline } from '../../../src/commands/baseline.ts';
import { lintSources } from '../../../src/commands/lint.ts';
import { withEnforce } from '../../../src/config/compile.ts';
import { readConfiguration } from '../../../src/config/load.ts';
import { SourceText } from '../../../src/manifests/text/source-text.ts';
import { DNS_PRESETS } from '../../../src/policy/dns/presets.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { testIo, withFiles } from '../cli/setup.ts';

const OPTIONS: BaselineOptions = { kustomize: false };

async function printed(options: Partial<BaselineOptions> = {}): Promise<{ out: string; err: string }> {
  const io = testIo();
  expect(await baselineOffline({ ...OPTIONS, ...options }, io)).toBe(0);
  return io.printed;
}

/** What the linter says of manifests at level strict. */
function linted(yaml: string, configuration = 'kind: GuardConfiguration'): readonly string[] {
  const { settings } = readConfiguration(configuration, 'configuration');
  const sources = { texts: [new SourceText('policies.yaml', yaml)], unreadable: [] };
  const { report } = lintSources(sources, withEnforce(settings, 'strict'), 'shop', 0);
  expect(report.summary.policies).toBeGreaterThan(0);
  return report.findings.map(({ rule, message }) => `${rule}: ${message}`);
}

const OWN = `baseline:
  template: closed
  templates:
    closed:
      - {part: allow-dns}
      - {part: default-deny}
      - {part: allow-ingress-from, namespaces: [gateway]}
      - {part: allow-same-namespace}
      - apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web}
        spec: {podSelector: {matchLabels: {app: "on"}}, ingress: [{ports: [{port: 80}]}]}
`;

describe('netpol-guard baseline', () => {
  it('prints the default template, DNS first, under names and labels that nobody reserves', async () => {
    const { out } = await printed({ namespace: 'shop' });
    const documents = out.split('---\n').map((text) => parse(text) as { metadata: unknown });
    expect(documents.map(({ metadata }) => metadata)).toEqual(
      ['allow-dns', 'default-deny'].map((name) => ({
        name,
        namespace: 'shop',
        labels: { 'app.kubernetes.io/part-of': 'baseline' },
      })),
    );
    expect(out).toContain('where the namespace has the label netpol-guard.io/baseline: none');
  });

  it.each([...BUILT_IN_TEMPLATES.keys()])('prints %s as no rule of ours refuses it', async (template) => {
    expect(linted((await printed({ template })).out)).toEqual([]);
  });

  it.each([...DNS_PRESETS.keys()])('is written for the DNS servers of the preset %s', async (preset) => {
    const configuration = `dns: {presets: [${preset}]}`;
    await withFiles({ 'guard.yaml': configuration }, async (folder) => {
      const { out, err } = await printed({ config: join(folder, 'guard.yaml') });
      expect(linted(out, configuration)).toEqual([]);
      expect(err).toBe('');
    });
  });

  it('prints templates of the configuration, as kubectl reads YAML', async () => {
    await withFiles({ 'guard.yaml': OWN }, async (folder) => {
      const { out } = await printed({ config: join(folder, 'guard.yaml') });
      expect(out.match(/^ {2}name: .*$/gm)?.map((line) => line.slice(8))).toEqual([
        'allow-dns',
        'allow-ingress-from',
        'allow-same-namespace',
        'web',
        'default-deny',
      ]);
      expect(out).toContain('app: "on"');
      expect(linted(out)).toEqual([]);
    });
  });

  it('says whom it took for cluster DNS where nobody told it', async () => {
    const { err } = await printed();
    expect(err).toMatch(/^netpol-guard: assuming cluster DNS is kube-dns; .*\n$/);
  });

  it('writes no namespace where none is given', async () => {
    expect((await printed()).out).not.toContain('namespace:');
  });

  it('takes the template of the namespace where a cluster tells it', async () => {
    const { settings } = readConfiguration('kind: GuardConfiguration', 'configuration');
    const labels = new Map([['netpol-guard.io/baseline', 'default-deny-ingress']]);
    const namespaces = [{ name: 'shop', labels, terminating: false }];
    const snapshot = offlineSnapshot({ namespaces, policies: [], otherPolicies: [] }, settings);
    const io = testIo();
    await writeBaseline({ ...OPTIONS, namespace: 'shop' }, settings, snapshot, io);
    expect(io.printed.out).toContain('# The baseline default-deny-ingress, ');
    expect(io.printed.out).not.toContain('Egress');
  });
});

describe('netpol-guard baseline --kustomize', () => {
  it('prints a component of the policies beside it', async () => {
    expect(parse((await printed({ kustomize: true })).out)).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      resources: ['policies.yaml'],
    });
  });

  it('writes both into a folder that it makes', async () => {
    await withFiles({}, async (folder) => {
      const output = join(folder, 'components', 'baseline');
      const { out } = await printed({ kustomize: true, output });
      expect(out).toBe(`${join(output, 'policies.yaml')}\n${join(output, 'kustomization.yaml')}\n`);
      expect(readdirSync(output).sort()).toEqual(['kustomization.yaml', 'policies.yaml']);
      expect(readFileSync(join(output, 'policies.yaml'), 'utf8')).toBe((await printed()).out);
    });
  });
});

describe('netpol-guard baseline refuses', () => {
  it.each<[string, Partial<BaselineOptions>, string]>([
    [
      'an unknown template',
      { template: 'default-deni' },
      '--template: there is no template "default-deni"; did you mean',
    ],
    [
      'a template by the name of a prototype',
      { template: '__proto__' },
      'no template "__proto__"; known: default-deny, ',
    ],
    ['what is no namespace', { namespace: 'Shop' }, '--namespace: "Shop" is not an RFC 1123 label'],
    ['a folder that cannot be', { output: '/dev/null/x' }, '--output: '],
  ])('%s', async (_, options, message) => {
    await expect(baselineOffline({ ...OPTIONS, ...options }, testIo())).rejects.toThrow(message);
  });

  it('to guess a template where the configuration has none', async () => {
    await withFiles({ 'guard.yaml': 'baseline: {template: none}' }, async (folder) => {
      await expect(baselineOffline({ ...OPTIONS, config: join(folder, 'guard.yaml') }, testIo())).rejects.toThrow(
        'baseline.template is none in the configuration; choose one with --template: default-deny, ',
      );
    });
  });

  it('to write half of a template', async () => {
    const own =
      'baseline: {template: own, templates: {own: [{part: allow-dns}, {part: default-deny}, {part: allow-api-server}]}}';
    await withFiles({ 'guard.yaml': own }, async (folder) => {
      const io = testIo();
      await expect(baselineOffline({ ...OPTIONS, config: join(folder, 'guard.yaml') }, io)).rejects.toThrow(
        'template own needs cluster facts that are unknown, for allow-api-server; ',
      );
      expect(io.printed.out).toBe('');
    });
  });
});
