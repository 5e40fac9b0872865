import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { webhookConfigurations } from '../../src/admission/registration/webhook-configurations.ts';
import { renderPolicies } from '../harness/admission-policies.ts';
import { WITH_BASELINE } from '../harness/baseline.ts';

const folder = mkdtempSync(join(tmpdir(), 'registration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/registration.ts'), ...args], {
    encoding: 'utf8',
  });

describe('npm run registration', () => {
  it('prints every webhook configuration and admission policy, as YAML', () => {
    const authority = join(folder, 'ca.pem');
    writeFileSync(authority, 'a certificate');
    const { status, stdout } = run('https://guard.example:10250', authority);
    expect(status).toBe(0);
    const release = { namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };
    const reach = { url: 'https://guard.example:10250', caBundle: Buffer.from('a certificate').toString('base64') };
    const printed: unknown[] = parseAllDocuments(stdout).map((document): unknown => document.toJS());
    const registered = webhookConfigurations(release, reach);
    expect(printed.slice(0, registered.length)).toEqual(registered);
    expect(printed.slice(registered.length)).toEqual(renderPolicies(WITH_BASELINE));
    expect(registered.length).toBeGreaterThan(1);
  });

  it.each([[[]], [['http://guard.example', 'ca.pem']], [['https://guard.example:10250/validate', 'ca.pem']]])(
    'says how it is used: %j',
    (args) => {
      const { status, stderr } = run(...args);
      expect(status).toBe(2);
      expect(stderr).toContain('usage: npm run --silent registration -- https://HOST:PORT CA_FILE');
    },
  );
});
