import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';

const cluster = useCluster();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-guard-e2e-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function baseline(...args: readonly string[]): Promise<{ status: number | null; stdout: string }> {
  const program = join(inject('bundle'), 'dist', 'netpol-guard.js');
  const child = spawn(process.execPath, [program, 'baseline', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { stdout: await text(child.stdout), status: await status };
}

const created = (...names: readonly string[]) =>
  names.map((name) => `networkpolicy.networking.k8s.io/${name} created\n`).join('');

describe('a baseline that its users keep themselves', () => {
  it('is taken without a word at level strict, with the DNS servers that discovery found', async () => {
    const namespace = await cluster.namespace({
      'netpol-guard.io/enforce': 'strict',
      'netpol-guard.io/baseline': 'none',
    });
    const { kubeconfig } = inject('controlPlane');
    const printed = await baseline('-n', namespace, '--template', 'default-deny', '--kubeconfig', kubeconfig);
    expect(printed.status).toBe(0);
    const result = await cluster.kubectl(['apply', '-f', '-'], { stdin: printed.stdout });
    expect(result).toEqual({ status: 0, stdout: created('allow-dns', 'default-deny'), stderr: '' });
  });

  it('is a component that kubectl includes', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/baseline': 'none' });
    expect((await baseline('--offline', '--kustomize', '--output', join(folder, 'baseline'))).status).toBe(0);
    await mkdir(join(folder, 'shop'));
    await writeFile(
      join(folder, 'shop', 'kustomization.yaml'),
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: ${namespace}\ncomponents: [../baseline]\n`,
    );
    const result = await cluster.kubectl(['apply', '-k', join(folder, 'shop')]);
    expect(result).toEqual({ status: 0, stdout: created('allow-dns', 'default-deny'), stderr: '' });
  });
});
