import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { build } from '../../programs/build.ts';
import { objectsIn, oneOf } from './helm.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLUGIN = join(ROOT, 'plugins/netpol-guard-fix');

const POLICY = `# DNS for the shop
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}
spec:
  podSelector: {matchLabels: {app: shop}}   # and no others
  policyTypes: [Egress]
  egress:
  # everybody needs DNS
  - ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
`;

const HOOK = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: hook
  annotations: {"helm.sh/hook": pre-install}
spec:
  podSelector: {matchLabels: {app: migration}}
  policyTypes: [Egress]
  egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]
`;

const JOB = `apiVersion: batch/v1
kind: Job
metadata: {name: migration, annotations: {"helm.sh/hook": pre-install}}
spec:
  template:
    # no retries
    spec: {restartPolicy: Never, containers: [{name: a, image: a}]}
`;

const KUBE_DNS = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-post-renderer-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

write('chart/Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 1.0.0\n');
write('chart/templates/policy.yaml', POLICY);
write('chart/templates/hook.yaml', HOOK);
write('chart/templates/job.yaml', JOB);
write('bin/netpol-guard', `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'src/main.ts')}' "$@"\n`);
chmodSync(join(folder, 'bin/netpol-guard'), 0o755);

/** helmOf runs a Helm that has its own folders, and netpol-guard on its PATH where that is wanted. */
async function helmOf(version: 3 | 4, isInstalled = true) {
  const program = join(await build(`helm-${version}`), 'helm');
  const path = process.env['PATH'] ?? '';
  const homes = Object.fromEntries(
    ['DATA', 'CACHE', 'CONFIG'].map((home) => [`HELM_${home}_HOME`, join(folder, home)]),
  );
  const env = {
    ...process.env,
    ...homes,
    PATH: isInstalled ? `${join(folder, 'bin')}${delimiter}${path}` : '/usr/bin:/bin',
  };
  return (...args: readonly string[]) => spawnSync(program, args, { encoding: 'utf8', env });
}

const [helm3, helm4] = [await helmOf(3), await helmOf(4)];
const template = ['template', 'web', join(folder, 'chart'), '--kube-version', '1.37.1', '--namespace', 'shop'];
const plain = helm3(...template).stdout;

/** The rules of a policy of the rendered chart. */
function egressOf(rendered: string, name: string): unknown {
  const { spec } = oneOf(objectsIn(rendered), 'NetworkPolicy', name) as unknown as { spec: { egress: unknown } };
  return spec.egress;
}

describe('the post-renderer', () => {
  it('in Helm 3 names cluster DNS, and leaves everything else byte by byte, which hooks never reach', () => {
    const { status, stdout, stderr } = helm3(...template, '--post-renderer', join(PLUGIN, 'netpol-guard-fix'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(egressOf(stdout, 'web')).toMatchObject([{ to: [KUBE_DNS], ports: [{ port: 53 }, { port: 53 }] }]);
    const added = `    to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
`;
    expect(stdout).toContain(added);
    expect(stdout.replace(added, '')).toBe(plain);
  });

  it('in Helm 3 is netpol-guard itself, where that is given its arguments', () => {
    const args = ['--post-renderer', 'netpol-guard', '--post-renderer-args', 'fix', '--post-renderer-args', '-'];
    const { stdout } = helm3(...template, ...args);
    expect(egressOf(stdout, 'web')).toMatchObject([{ to: [KUBE_DNS] }]);
  });

  it('in Helm 4 is a plugin, which sees hooks too', () => {
    expect(helm4('plugin', 'install', PLUGIN)).toMatchObject({ status: 0 });
    const { status, stdout, stderr } = helm4(...template, '--post-renderer', 'netpol-guard-fix');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(egressOf(stdout, 'web')).toMatchObject([{ to: [KUBE_DNS], ports: [{ port: 53 }, { port: 53 }] }]);
    expect(egressOf(stdout, 'hook')).toMatchObject([{ to: [KUBE_DNS] }]);
    expect(oneOf(objectsIn(stdout), 'Job').metadata.annotations).toEqual({ 'helm.sh/hook': 'pre-install' });
    for (const comment of ['# DNS for the shop', '# and no others', '# everybody needs DNS', '# no retries']) {
      expect(stdout).toContain(comment);
    }
  });

  it('takes flags of fix from Helm, such as a configuration', () => {
    write('config.yaml', 'dns: {presets: [openshift]}');
    const args = ['--post-renderer-args', '--config', '--post-renderer-args', join(folder, 'config.yaml')];
    for (const [helm, renderer] of [
      [helm3, join(PLUGIN, 'netpol-guard-fix')] as const,
      [helm4, 'netpol-guard-fix'] as const,
    ]) {
      const { stdout, stderr } = helm(...template, '--post-renderer', renderer, ...args);
      expect(stdout, stderr).toContain('kubernetes.io/metadata.name: openshift-dns');
    }
  });

  it('says so where netpol-guard is missing', async () => {
    const bare = await helmOf(3, false);
    const { status, stderr } = bare(...template, '--post-renderer', join(PLUGIN, 'netpol-guard-fix'));
    expect(status).not.toBe(0);
    expect(stderr).toContain('netpol-guard-fix: netpol-guard is not on the PATH');
  });

  it('has the version of the program', () => {
    const { version } = parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(parse(readFileSync(join(PLUGIN, 'plugin.yaml'), 'utf8'))).toMatchObject({ version });
  });
});
