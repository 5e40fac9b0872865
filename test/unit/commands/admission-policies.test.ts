import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ADMISSION_POLICIES } from '../../../src/cli/cluster-commands.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { admissionPoliciesOptions } from '../../../src/cli/options.ts';
import { admissionPolicies } from '../../../src/commands/admission-policies.ts';
import { rendered } from '../admission-policies/setup.ts';
import { testIo, withFiles } from '../cli/setup.ts';

async function printed(...args: readonly string[]): Promise<unknown[]> {
  const io = testIo();
  expect(await admissionPolicies(admissionPoliciesOptions(parseCommand(ADMISSION_POLICIES, args)), io)).toBe(0);
  expect(io.printed.err).toBe('');
  return parseAllDocuments(io.printed.out).map((document): unknown => document.toJS());
}

describe('netpol-guard admission-policies', () => {
  it('prints what the chart renders by default', async () => {
    expect(await printed()).toEqual(rendered());
  });

  it('prints it for another configuration, another account, and an API server that reads it from its disk', async () => {
    const configuration = {
      enforce: 'strict',
      exemptions: { users: ['restore'] },
      dns: { namespaces: ['openshift-dns'] },
    };
    await withFiles({ 'config.yaml': JSON.stringify(configuration) }, async (folder) => {
      const args = ['--config', `${folder}/config.yaml`, '--static', '--fails-open', '--enforcement', 'warn'];
      const own = { namespace: 'security', serviceAccount: 'guard' };
      const wanted = rendered(configuration, {
        own,
        isStatic: true,
        failsClosed: false,
        enforcement: 'warn',
      });
      const as = ['-n', 'security', '--service-account', 'guard'];
      expect(await printed(...args, ...as)).toEqual(wanted);
    });
  });

  it.each([
    ['--namespace', "a'b"],
    ['--service-account', 'A'],
  ])('refuses %s %s, which no object can be called', async (flag, value) => {
    await expect(printed(`${flag}=${value}`)).rejects.toThrow(`${flag}: `);
  });

  it('says what is wrong with a configuration', async () => {
    await withFiles({ 'config.yaml': 'enforce: of' }, async (folder) => {
      await expect(printed('--config', `${folder}/config.yaml`)).rejects.toThrow('enforce');
    });
  });
});
