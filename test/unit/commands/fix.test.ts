import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';
import { FIX, LINT } from '../../../src/cli/file-commands.ts';
import { type FixOptions, fixOptions, lintFixOptions } from '../../../src/cli/fix-options.ts';
import { fix } from '../../../src/commands/fix.ts';
import { ALLOW_DNS, DENY_ALL, OPEN_DNS, policyYaml, testIo, withFiles } from '../cli/setup.ts';

interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: readonly string[];
}

const OPTIONS: FixOptions = {
  paths: ['-'],
  diff: false,
  strict: false,
  isBeforeLint: false,
  namespace: 'default',
  ignoreLabels: false,
  allowEmpty: false,
};

async function run(input: string | Uint8Array, options: Partial<FixOptions> = {}): Promise<Outcome> {
  const io = testIo(input);
  const exit = await fix({ ...OPTIONS, ...options }, io);
  return { exit, out: io.printed.out, err: io.printed.err.split('\n').slice(0, -1) };
}

const OPEN = policyYaml('web', 'shop', OPEN_DNS);

const NAMED = OPEN.replace(
  '        - {protocol: TCP, port: 53}',
  `        - {protocol: TCP, port: 53}
      to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns`,
);

const FIXED = 'netpol-guard: fixed shop/web: name cluster DNS in spec.egress[0] [dns-open-to-anywhere]';

const ASSUMED =
  'netpol-guard: assuming that cluster DNS is kube-dns; if it is not, set dns.presets or dns.servers in a --config file';

describe('fix changes files', () => {
  it('where it is certain, says so, and does nothing the second time', async () => {
    await withFiles({ 'a.yaml': OPEN, 'b.yaml': '# mine\na:  b' }, async (folder) => {
      expect(await run('', { paths: [folder] })).toEqual({ exit: 0, out: '', err: [FIXED, ASSUMED] });
      expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(NAMED);
      expect(readFileSync(join(folder, 'b.yaml'), 'utf8')).toBe('# mine\na:  b');
      expect(await run('', { paths: [folder] })).toEqual({ exit: 0, out: '', err: [] });
    });
  });

  it('and names templates and parts of policies, which it does not touch', async () => {
    const part = OPEN.replace('  podSelector: {}\n', '');
    const template = `{{- if .Values.a }}\n${OPEN}{{- end }}\n`;
    const chart = { 'web/Chart.yaml': 'name: web', 'web/templates/policy.yaml': template };
    const patches = {
      'live/kustomization.yaml': 'resources: [../base]\npatches: [{path: patch.yaml}]',
      'live/patch.yaml': part,
    };
    await withFiles({ ...chart, ...patches }, async (folder) => {
      const { exit, err } = await run('', { paths: [folder] });
      expect({
        exit,
        err: err.map((line) =>
          line.replace(/(kustomize build|helm template) \S+/, '$1 FOLDER').replaceAll(folder, '.'),
        ),
      }).toEqual({
        exit: 1,
        err: [
          'netpol-guard: left to you, warning: ./live/patch.yaml: is a patch of a kustomization, not a whole object; render it first: kustomize build FOLDER | netpol-guard lint - [unrendered-policy]',
          'netpol-guard: left to you, error: ./web/templates/policy.yaml: is a template of a Helm chart, not a manifest; render it first: helm template FOLDER | netpol-guard lint - [invalid-yaml]',
          expect.stringMatching(
            /^netpol-guard: left to you, error: .*opens port 53 to anywhere.* \[dns-open-to-anywhere\]$/,
          ),
        ],
      });
      expect(readFileSync(join(folder, 'web/templates/policy.yaml'), 'utf8')).toBe(template);
      expect(readFileSync(join(folder, 'live/patch.yaml'), 'utf8')).toBe(part);
    });
  });

  it('and whole policies among templates and patches, which kubectl would apply', async () => {
    const files = {
      'web/Chart.yaml': 'name: web',
      'web/templates/policy.yaml': `# {{ .Values.a }}\n${OPEN}`,
      'kustomization.yaml': 'patches: [{path: patch.yaml}]',
      'patch.yaml': OPEN.replace('name: web', 'name: api'),
    };
    await withFiles(files, async (folder) => {
      expect(await run('', { paths: [folder] })).toMatchObject({ exit: 0 });
      expect(readFileSync(join(folder, 'web/templates/policy.yaml'), 'utf8')).toBe(`# {{ .Values.a }}\n${NAMED}`);
      expect(readFileSync(join(folder, 'patch.yaml'), 'utf8')).toBe(NAMED.replace('name: web', 'name: api'));
    });
  });

  it('and with --diff only shows how', async () => {
    await withFiles({ 'a.yaml': OPEN }, async (folder) => {
      const file = join(folder, 'a.yaml');
      const { exit, out, err } = await run('', { paths: [file], diff: true });
      expect(exit).toBe(1);
      expect(out.split('\n').slice(0, 7)).toEqual([
        `--- ${file}`,
        `+++ ${file}`,
        '@@ -10,3 +10,10 @@',
        '     - ports:',
        '         - {protocol: UDP, port: 53}',
        '         - {protocol: TCP, port: 53}',
        '+      to:',
      ]);
      expect(err).toEqual([FIXED.replace('fixed', 'would fix'), ASSUMED]);
      expect(readFileSync(file, 'utf8')).toBe(OPEN);
      expect(await run('', { paths: [file], diff: true, config: undefined })).toMatchObject({ exit: 1 });
    });
  });

  it('and leaves to a person what a person has to decide', async () => {
    const all = policyYaml('all', 'shop', '  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{}]');
    const named = policyYaml(
      'named',
      'pay',
      '  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: dns}]}]',
    );
    await withFiles({ 'a.yaml': all, 'b.yaml': named }, async (folder) => {
      const { exit, err } = await run('', { paths: [folder] });
      expect(exit).toBe(1);
      expect(err.find((line) => line.includes('shop/all'))).toMatch(
        /^netpol-guard: left to you, error: shop\/all: .*\[egress-open-to-anywhere\]$/,
      );
      expect(err.find((line) => line.includes('pay/named'))).toMatch(/^netpol-guard: left to you, /);
      expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(all);
      expect(readFileSync(join(folder, 'b.yaml'), 'utf8')).toBe(named);
    });
  });

  it('says why it has not changed what an anchor shares', async () => {
    const spec = `${OPEN_DNS.replace('egress:', 'ingress:').replace('- ports:', '- ports: &dns')}\n  egress:\n    - ports: *dns`;
    const { err, out, exit } = await run(policyYaml('web', 'shop', spec));
    expect(err.join('\n')).toContain('fixed shop/web');
    expect(exit).toBe(0);
    expect(out).toContain('- ports: *dns\n      to:');
    const whole = `  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - &a {ports: [{port: 53, protocol: UDP}, {port: 53}]}\n  ingress:\n    - *a`;
    const shared = policyYaml('web', 'shop', whole);
    const left = await run(shared, { strict: true });
    expect(left.out).toBe(shared);
    expect(left.exit).toBe(1);
    expect(left.err.join('\n')).toContain('not fixed: spec.egress[0] is also used elsewhere, by the anchor &a');
  });

  it('takes DNS from the configuration, and then assumes nothing', async () => {
    await withFiles({ 'a.yaml': OPEN, 'c.yaml': 'dns: {presets: [openshift]}' }, async (folder) => {
      const { err } = await run('', { paths: [join(folder, 'a.yaml')], config: join(folder, 'c.yaml') });
      const replaced = 'replace spec.egress[0] with a rule for cluster DNS, with ports UDP 5353 and TCP 5353 [';
      expect(err).toEqual([FIXED.replace(/name .* \[/, replaced)]);
      const text = readFileSync(join(folder, 'a.yaml'), 'utf8');
      expect(text).toContain('kubernetes.io/metadata.name: openshift-dns');
      expect(text).toContain('5353');
    });
  });

  it('changes no port without the configuration, though a file names OpenShift', async () => {
    const named = `apiVersion: v1\nkind: Namespace\nmetadata: {name: openshift-dns}\n---\n${OPEN}`;
    for (const text of [named, named.replace('protocol: TCP, port: 53', 'protocol: TCP, port: 5353')]) {
      await withFiles({ 'a.yaml': text }, async (folder) => {
        const { exit, err } = await run('', { paths: [folder] });
        expect([exit, err.join()]).toEqual([
          1,
          expect.stringContaining('left to you, error: shop/web: spec.egress[0]'),
        ]);
        expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(text);
      });
    }
    const last = '        - {protocol: TCP, port: 53}\n';
    const both = named.replace(last, `${last}        - {port: 5353}\n        - {port: 5353, protocol: UDP}\n`);
    const { out } = await run(both);
    expect(out).toContain('kubernetes.io/metadata.name: openshift-dns');
  });

  it('names the port that it adds', async () => {
    const { err } = await run(NAMED.replace('        - {protocol: TCP, port: 53}\n', ''), { level: 'strict' });
    expect(err[0]).toBe(
      'netpol-guard: fixed shop/web: add this port to spec.egress[0].ports: TCP 53 [dns-over-tcp-blocked]',
    );
  });

  it('names what it cannot read or write, and does the rest', async () => {
    const files = { 'a.yaml': OPEN, 'b.yaml': OPEN.replace('shop', 'b'), 'c.yaml': Buffer.from([0xff]) };
    await withFiles(files, async (folder) => {
      const [a, missing] = [join(folder, 'a.yaml'), join(folder, 'none.yaml')];
      chmodSync(a, 0o444);
      const { exit, err } = await run('', { paths: [folder, missing] });
      expect(exit).toBe(2);
      expect(err).toEqual([
        `netpol-guard: ${missing}: no such file or folder`,
        `netpol-guard: ${join(folder, 'c.yaml')}: is not UTF-8`,
        `netpol-guard: ${a}: is read-only; it is left as it is`,
        FIXED.replace('shop', 'b'),
        ASSUMED,
      ]);
      expect(readFileSync(a, 'utf8')).toBe(OPEN);
    });
  });

  it('follows no link out of a folder, but one that is named', async () => {
    await withFiles({ 'real/a.yaml': OPEN, 'folder/b.yaml': 'a: b' }, async (folder) => {
      const link = join(folder, 'folder/link.yaml');
      symlinkSync('../real/a.yaml', link);
      const { exit, err } = await run('', { paths: [join(folder, 'folder')] });
      expect(exit).toBe(1);
      expect(err[0]).toBe(`netpol-guard: ${link}: a symbolic link out of its folder; name it to have it fixed`);
      expect(readFileSync(join(folder, 'real/a.yaml'), 'utf8')).toBe(OPEN);
      expect(await run('', { paths: [link] })).toMatchObject({ exit: 0, err: [FIXED, ASSUMED] });
      expect(readFileSync(join(folder, 'real/a.yaml'), 'utf8')).toBe(NAMED);
    });
  });

  it('writes the very file that it read, whatever else has a name that is shown alike', async () => {
    const other = OPEN.replace('web', 'api');
    await withFiles({ 'outside/x.yaml': OPEN, 'dir/a.txt': '' }, async (folder) => {
      const [dir, outside] = [join(folder, 'dir'), join(folder, 'outside/x.yaml')];
      const within = Buffer.concat([Buffer.from(join(dir, 'd')), Buffer.from([0xff])]);
      mkdirSync(within);
      const own = Buffer.concat([within, Buffer.from('/x.yaml')]);
      writeFileSync(own, OPEN);
      symlinkSync(join(folder, 'outside'), join(dir, 'd\\xff'));
      const { exit, err } = await run('', { paths: [dir] });
      expect([exit, err]).toEqual([0, [expect.stringContaining('symbolic link to a folder'), FIXED, ASSUMED]]);
      expect(readFileSync(own, 'utf8')).toBe(NAMED);
      expect(readFileSync(outside, 'utf8')).toBe(OPEN);

      // Both are shown as d\xff/x.yaml.
      writeFileSync(own, OPEN);
      writeFileSync(outside, other);
      expect(await run('', { paths: [join(dir, 'd\\xff/x.yaml'), dir] })).toMatchObject({ exit: 0 });
      expect(readFileSync(own, 'utf8')).toBe(NAMED);
      expect(readFileSync(outside, 'utf8')).toBe(NAMED.replace('web', 'api'));
    });
  });

  it('isolates no pod and brings no fault: all files together are one cluster', async () => {
    const files = { 'a.yaml': policyYaml('deny', 'shop', DENY_ALL), 'b.yaml': policyYaml('dns', 'shop', ALLOW_DNS) };
    await withFiles(files, async (folder) => {
      expect(await run('', { paths: [folder] })).toEqual({ exit: 0, out: '', err: [] });
    });
  });
});

it('fix says so if nothing was judged, unless that is intended', async () => {
  await withFiles({ 'a.yaml': 'a: b' }, async (folder) => {
    const said = 'netpol-guard: nothing was judged; if that is intended, --allow-empty treats it as clean';
    expect(await run('', { paths: [folder] })).toEqual({ exit: 2, out: '', err: [said] });
    expect(await run('', { paths: [folder], allowEmpty: true })).toEqual({ exit: 0, out: '', err: [] });
    expect(await run('a: b', { strict: true })).toEqual({ exit: 2, out: 'a: b', err: [said] });
  });
});

describe('fix - is a filter', () => {
  const chart = `# a comment before everything
---
# Source: shop/templates/job.yaml
apiVersion: batch/v1
kind: Job
metadata:
  annotations: {"helm.sh/hook": pre-install}   # odd   spacing
---
# Source: shop/templates/policy.yaml
${OPEN}---

---
# Source: shop/templates/broken.yaml
a: [b
---
kind: ConfigMap
data:
  text: |+
    last

`;

  it('that changes what is certain, and passes all else on byte by byte', async () => {
    const { exit, out, err } = await run(chart);
    expect(out).toBe(chart.replace(OPEN, NAMED));
    expect(exit).toBe(0);
    expect(err.slice(0, 2)).toEqual([FIXED, ASSUMED]);
    expect(err[2]).toMatch(/^netpol-guard: left to you, error: <stdin>: .* \[invalid-yaml\]$/);
    expect(await run(out)).toMatchObject({ exit: 0, out });
    expect(await run(chart, { strict: true })).toMatchObject({ exit: 1, out });
  });

  it('that keeps line breaks of other systems and a byte order mark', async () => {
    const crlf = (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`;
    expect((await run(crlf(chart))).out).toBe(crlf(chart.replace(OPEN, NAMED)));
  });

  it('that loses nothing which it cannot read', async () => {
    for (const input of ['\ufeffa: [', 'no manifest at all', '', '\u0000']) {
      expect(await run(input)).toMatchObject({ exit: 0, out: input });
    }
    const bytes = Uint8Array.from([0x61, 0x3a, 0xff, 0x0a]);
    const written: (string | Uint8Array)[] = [];
    const io = { ...testIo(bytes), out: (text: string | Uint8Array) => written.push(text) };
    expect(await fix(OPTIONS, io)).toBe(0);
    expect(written.map((part) => [...Buffer.from(part)])).toEqual([[...bytes]]);
    expect(io.printed.err).toBe('netpol-guard: standard input is not UTF-8; it is passed on as it is\n');
    expect((await run('', { strict: true })).exit).toBe(2);
    expect((await run(bytes, { strict: true })).exit).toBe(2);
  });

  it('that shows a diff instead, where that is wanted', async () => {
    const { exit, out } = await run(chart, { diff: true });
    expect(exit).toBe(1);
    expect(out).toMatch(/^--- <stdin>\n\+\+\+ <stdin>\n@@ /);
    expect((await run(NAMED, { diff: true })).exit).toBe(0);
  });
});

describe('the flags', () => {
  const parsed = (...args: readonly string[]) => fixOptions(parseCommand(FIX, args));
  const linted = (...args: readonly string[]) => lintFixOptions(parseCommand(LINT, args));

  it('are refused where they contradict each other', () => {
    expect(() => parsed('-', 'a.yaml')).toThrow('- (standard input) cannot be combined with files');
    expect(() => parsed('a.yaml', '--strict')).toThrow('--strict needs -');
    expect(() => linted('-', '--fix')).toThrow('netpol-guard fix - writes the fixed manifests to standard output');
    expect(() => linted('a.yaml', '--diff')).toThrow('--diff needs --fix');
    expect(() => linted('-', 'a.yaml', '--fix', '--diff')).toThrow('- (standard input) cannot be combined with files');
  });

  it('are read, and lint --fix says no more than what it fixed', () => {
    expect(parsed('-', '--strict', '--level', 'strict')).toMatchObject({ strict: true, level: 'strict', diff: false });
    expect(linted('a.yaml')).toBeUndefined();
    expect(linted('a.yaml', '--fix', '-n', 'shop')).toMatchObject({ isBeforeLint: true, namespace: 'shop' });
    expect(linted('a.yaml', '--fix', '--diff')).toMatchObject({ isBeforeLint: false, diff: true });
  });
});
