import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALLOW_DNS, DENY_ALL, OPEN_DNS, policyYaml, withFiles } from '../cli/setup.ts';
import { brief, documents, lintText, namespaceYaml } from './lint-text.ts';

describe('lint judges all files as one cluster', () => {
  it('finds default-deny alone, and nothing where another document allows DNS', async () => {
    const alone = await lintText(policyYaml('deny', 'shop', DENY_ALL));
    expect(brief(alone)).toEqual(['6:1 error dns-blocked spec.egress']);
    expect(alone.exit).toBe(1);
    const both = await lintText(documents(policyYaml('deny', 'shop', DENY_ALL), policyYaml('dns', 'shop', ALLOW_DNS)));
    expect(brief(both)).toEqual([]);
    expect(both.exit).toBe(0);
  });

  it('joins policies over files', async () => {
    const files = { 'b.yaml': policyYaml('deny', 'shop', DENY_ALL), 'a/dns.json': '' };
    files['a/dns.json'] = JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'dns', namespace: 'shop' },
      spec: {
        podSelector: {},
        egress: [
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
            ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
          },
        ],
      },
    });
    await withFiles(files, async (folder) => {
      expect(await lintText('', { paths: [folder] })).toMatchObject({
        exit: 0,
        findings: [],
        summary: { files: 2, documents: 2, policies: 2, errors: 0, warnings: 0 },
      });
    });
  });

  it('puts policies without a namespace into default, or where --namespace says', async () => {
    const text = documents(policyYaml('deny', '', DENY_ALL), policyYaml('dns', 'shop', ALLOW_DNS));
    expect((await lintText(text)).findings.map(({ namespace }) => namespace)).toEqual(['default']);
    expect(brief(await lintText(text, { namespace: 'shop' }))).toEqual([]);
  });

  it("applies the API server's defaulting: egress rules make a policy of both types", async () => {
    const spec = '  podSelector: {}\n  egress:\n    - to:\n        - podSelector: {}';
    expect(brief(await lintText(policyYaml('own', 'shop', spec)))).toContain('9:7 error dns-blocked spec.egress[0]');
  });

  it('passes other kinds over in silence, whatever is in them', async () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 7, name: 8}\nspecs: {matchlabels: {}}\n';
    expect(
      await lintText(documents(other, '# only a comment\n', 'null\n', policyYaml('dns', 'shop', ALLOW_DNS))),
    ).toMatchObject({
      exit: 0,
      findings: [],
      summary: { documents: 3, policies: 1 },
    });
  });

  it('passes settings and lists in files over, and refuses them in a pipe as kubectl does', async () => {
    const text = documents(policyYaml('dns', 'shop', ALLOW_DNS), 'just: data\n', '- a list\n');
    await withFiles({ 'a.yaml': text }, async (folder) => {
      expect(await lintText('', { paths: [folder] })).toMatchObject({ exit: 0, findings: [] });
    });
    const piped = await lintText(text);
    expect(piped.exit).toBe(1);
    expect(piped.findings.map(({ message }) => message)).toEqual([
      'is not a Kubernetes object: it has no kind',
      'is a list, which kubectl refuses; print its items as documents, or with "kind: List" around them',
    ]);
  });
});

describe('levels', () => {
  const toCluster = ALLOW_DNS.replace('{matchLabels: {kubernetes.io/metadata.name: kube-system}}', '{}');
  const text = policyYaml('dns', 'shop', toCluster);

  it('strict findings are warnings at standard and errors at strict', async () => {
    expect(await lintText(text)).toMatchObject({
      exit: 0,
      findings: [{ rule: 'dns-open-to-cluster', severity: 'warning' }],
    });
    expect(await lintText(text, { level: 'strict' })).toMatchObject({ exit: 1, findings: [{ severity: 'error' }] });
  });

  it('an enforce label among the files wins over --level', async () => {
    const strict = documents(namespaceYaml('shop', '{netpol-guard.io/enforce: strict}'), text);
    expect((await lintText(strict)).exit).toBe(1);
    const off = documents(namespaceYaml('shop', '{netpol-guard.io/enforce: "off"}'), text);
    expect(await lintText(off, { level: 'strict' })).toMatchObject({ exit: 0, findings: [{ severity: 'warning' }] });
  });

  it('the configuration counts, and --level over it', async () => {
    const config =
      'kind: GuardConfiguration\napiVersion: netpol-guard.io/v1alpha1\nenforce: strict\nrules: {dns-open-to-cluster: warn}\n';
    const other = config.replace('rules: {dns-open-to-cluster: warn}\n', '');
    await withFiles({ 'warn.yaml': config, 'strict.yaml': other }, async (folder) => {
      expect((await lintText(text, { config: join(folder, 'strict.yaml') })).exit).toBe(1);
      expect((await lintText(text, { config: join(folder, 'strict.yaml'), level: 'standard' })).exit).toBe(0);
      expect((await lintText(text, { config: join(folder, 'warn.yaml') })).exit).toBe(0);
      await expect(lintText(text, { config: join(folder, 'none.yaml') })).rejects.toThrow('none.yaml');
    });
  });

  it('says nothing of what only the audit log would see', async () => {
    const config = 'kind: GuardConfiguration\napiVersion: netpol-guard.io/v1alpha1\nenforce: "off"\nwarn: "off"\n';
    await withFiles({ 'c.yaml': config }, async (folder) => {
      const outcome = await lintText(policyYaml('open', 'shop', OPEN_DNS), { config: join(folder, 'c.yaml') });
      expect(outcome).toMatchObject({ exit: 0, findings: [] });
    });
  });
});

describe('what is wrong before any rule', () => {
  it('a broken document does not hide the others', async () => {
    const outcome = await lintText(documents('a: [\n', policyYaml('deny', 'shop', DENY_ALL), 'a string\n'));
    expect(brief(outcome)).toEqual([
      '2:1 error invalid-yaml',
      '8:1 error dns-blocked spec.egress',
      '12:1 error invalid-yaml',
    ]);
    expect(outcome).toMatchObject({ exit: 1, summary: { documents: 3, policies: 1 } });
  });

  it('points to tabs, unknown fields and YAML 1.1 booleans', async () => {
    expect(brief(await lintText('a:\n\tb: 1\n'))).toEqual(['2:1 error invalid-yaml']);
    const spec = '  podSelector:\n    matchlabels: {app: web}\n  ingress:\n    - ports: [{port: "80"}]';
    expect(brief(await lintText(policyYaml('y', 'shop', spec)))).toEqual([
      '4:9 error invalid-object metadata.name',
      '8:5 error invalid-object spec.podSelector.matchlabels',
      '10:22 error invalid-object spec.ingress[0].ports[0].port',
    ]);
  });

  it('a template gets a hint', async () => {
    const [finding] = (await lintText('metadata: {name: {{ .Values.name }}}\n')).findings;
    expect(finding?.message).toContain('helm template . | netpol-guard lint -');
  });

  it('an invalid policy counts as absent', async () => {
    const typo = policyYaml('dns', 'shop', ALLOW_DNS.replace('matchLabels', 'matchlabels'));
    const outcome = await lintText(documents(policyYaml('deny', 'shop', DENY_ALL), typo));
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(['dns-blocked', 'invalid-object']);
  });

  it('a CIDR that only newer servers refuse is judged, with a warning', async () => {
    const spec =
      '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to: [{ipBlock: {cidr: 10.0.0.1/0}}]\n      ports: [{port: 53, protocol: UDP}]';
    const outcome = await lintText(policyYaml('open', 'shop', spec));
    expect(brief(outcome)).toContain('10:29 warning invalid-object spec.egress[0].to[0].ipBlock.cidr');
    expect(outcome.findings.map(({ rule }) => rule)).toContain('dns-open-to-anywhere');
  });

  it("an object given twice: the later one is the world's, both are judged", async () => {
    const text = documents(
      policyYaml('dns', 'shop', OPEN_DNS),
      policyYaml('dns', 'shop', ALLOW_DNS),
      policyYaml('deny', 'shop', DENY_ALL),
    );
    const outcome = await lintText(text);
    expect(brief(outcome)).toEqual([
      '10:7 error dns-open-to-anywhere spec.egress[0]',
      '17:9 warning duplicate-object metadata.name',
    ]);
    expect(outcome.findings[1]?.message).toBe(
      'NetworkPolicy shop/dns is already in <stdin>, line 4; the others are judged with this one',
    );
  });

  it('objects with generateName are never the same', async () => {
    const text = policyYaml('x', 'shop', DENY_ALL).replace('name: x', 'generateName: deny-');
    expect((await lintText(documents(text, text))).findings.map(({ rule }) => rule)).toEqual([
      'dns-blocked',
      'dns-blocked',
    ]);
  });

  it('other policy APIs are named as not judged, and make verdicts uncertain where they reach', async () => {
    const cilium = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: dns, namespace: shop}\n';
    const outcome = await lintText(
      documents(cilium, policyYaml('deny', 'shop', DENY_ALL), policyYaml('deny', 'blog', DENY_ALL)),
    );
    expect(
      outcome.findings.map(({ rule, severity, certain, namespace }) => [rule, severity, certain, namespace]),
    ).toEqual([
      ['unsupported-policy-api', 'warning', undefined, 'shop'],
      ['dns-blocked', 'warning', false, 'shop'],
      ['dns-blocked', 'error', undefined, 'blog'],
    ]);
  });

  it('extensions/v1beta1 is named as not judged, and changes nothing', async () => {
    const old = policyYaml('dns', 'shop', ALLOW_DNS).replace('networking.k8s.io/v1', 'extensions/v1beta1');
    const outcome = await lintText(documents(old, policyYaml('deny', 'shop', DENY_ALL)));
    expect(outcome.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['unsupported-policy-api', 'warning'],
      ['dns-blocked', 'error'],
    ]);
  });

  it.each([
    ['a version that has no policies', 'apiVersion: v1\nkind: NetworkPolicy\n', '1:13 error invalid-object apiVersion'],
    [
      'a kind in lower case',
      'apiVersion: networking.k8s.io/v1\nkind: networkpolicy\n',
      '2:7 error invalid-object kind',
    ],
    ['no kind', 'apiVersion: networking.k8s.io/v1\nmetadata: {}\n', '1:1 error invalid-object kind'],
  ])('%s is an error', async (_, text, expected) => {
    expect(brief(await lintText(text))).toEqual([expected]);
  });

  it('a misspelt level on a Namespace is an error', async () => {
    expect(brief(await lintText(namespaceYaml('shop', '{netpol-guard.io/enforce: stict}')))).toEqual([
      '5:37 error invalid-object metadata.labels[netpol-guard.io/enforce]',
    ]);
  });
});

describe('the exit status', () => {
  it('is 2 where no document can be read', async () => {
    expect((await lintText('a: [\n')).exit).toBe(2);
    expect((await lintText(Uint8Array.of(0xff))).exit).toBe(2);
  });

  it('is 1 where a readable object would be refused', async () => {
    expect((await lintText('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n')).exit).toBe(1);
  });

  it('is 2 where a path is missing, and the rest is judged all the same', async () => {
    const outcome = await lintText(policyYaml('deny', 'shop', DENY_ALL), { paths: ['-', 'no/such/file.yaml'] });
    expect(outcome).toMatchObject({ exit: 2, summary: { errors: 1 } });
    expect(outcome.err).toBe('netpol-guard: no/such/file.yaml: no such file or folder\n');
  });

  it.each([
    ['an empty input', '# nothing\n'],
    ['other kinds', 'apiVersion: v1\nkind: ConfigMap\n'],
    ['an empty list', 'apiVersion: v1\nkind: List\nitems: []\n'],
  ])('is 2 for %s, and 0 where that is allowed', async (_, text) => {
    const outcome = await lintText(text);
    expect(outcome).toMatchObject({ exit: 2, findings: [], notes: [expect.any(String)] });
    const allowed = await lintText(text, { allowEmpty: true });
    expect(allowed).toMatchObject({ exit: 0, findings: [], notes: outcome.notes });
  });

  it('is 2 for a text that is no manifest, whatever is allowed', async () => {
    expect(await lintText('Hello\n', { allowEmpty: true })).toMatchObject({ exit: 2, summary: { errors: 1 } });
  });

  it('is 0 for a Namespace, whose labels are judged', async () => {
    expect((await lintText(namespaceYaml('shop', '{}'))).exit).toBe(0);
  });
});

describe('exemptions', () => {
  const exempting = (until: string) => `apiVersion: netpol-guard.io/v1alpha1
kind: GuardConfiguration
exemptions:
  entries:
    - {namespace: shop, name: "*", rules: [dns-blocked], reason: migration, expires: ${until}}
`;
  const text = documents(policyYaml('deny', 'shop', DENY_ALL), policyYaml('deny-too', 'shop', DENY_ALL));

  it('take findings away, and say so', async () => {
    await withFiles({ 'c.yaml': exempting('2027-01-01T00:00:00Z') }, async (folder) => {
      const outcome = await lintText(text, { config: join(folder, 'c.yaml') });
      expect(outcome).toMatchObject({ exit: 0, findings: [] });
      expect(outcome.err).toBe('netpol-guard: shop/deny and 1 more: exempted from dns-blocked (migration)\n');
    });
  });

  it('end when they expire, and say so once', async () => {
    await withFiles({ 'c.yaml': exempting('2025-01-01T00:00:00Z') }, async (folder) => {
      const outcome = await lintText(text, { config: join(folder, 'c.yaml') });
      expect(outcome.exit).toBe(1);
      expect(outcome.err).toBe('netpol-guard: the exemption "migration" expired on 2025-01-01 and no longer counts\n');
    });
  });
});
