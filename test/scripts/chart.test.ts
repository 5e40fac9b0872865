import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { generatedFiles } from '../../scripts/chart/files.ts';
import { substitute } from '../../scripts/chart/placeholders.ts';

const CHART = join(import.meta.dirname, '../../charts/netpol-guard');

describe('npm run chart', () => {
  it.each([...generatedFiles()])('has written %s as the code has it', (path, text) => {
    expect(readFileSync(join(CHART, path), 'utf8')).toBe(text);
  });

  it('leaves nothing in the files that only this machine would know, and all that a release must fill in', () => {
    const webhooks = generatedFiles().get('files/webhooks.json') ?? '';
    const found = new Set([...webhooks.matchAll(/\$\(([A-Z_]+)\)/g)].map(([, name]) => name));
    expect([...found].toSorted()).toEqual([
      'DNS_NAMESPACES',
      'EXCLUDED_NAMESPACES_IN_CEL',
      'EXEMPT_NAMESPACES',
      'EXEMPT_NAMESPACES_IN_CEL',
      'NAME',
      'NAMESPACE',
      'SERVICE_ACCOUNT',
    ]);
    expect(webhooks).not.toMatch(/!exempt|!dns|!excluded|kube-public/);
  });

  it('is of the same version as the program, wherever the chart says so', () => {
    const chart = readFileSync(join(CHART, 'Chart.yaml'), 'utf8');
    const said = [...chart.matchAll(/(?:^version: |^appVersion: "|netpol-guard:)(\d+\.\d+\.\d+)/gm)];
    expect(said.map(([, version]) => version)).toEqual([manifest.version, manifest.version, manifest.version]);
  });

  it('fails where there is nothing to put a placeholder in the place of', () => {
    expect(() => substitute('{}', 'namespace', '$(NAMESPACE)')).toThrow('no namespace');
  });
});
