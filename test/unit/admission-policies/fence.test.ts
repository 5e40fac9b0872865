import { describe, expect, it } from 'vitest';
import { fence } from '../../../src/admission-policies/fence.ts';
import { parametersOf } from '../../../src/admission-policies/parameters.ts';
import { CHOICES, OWN, settingsOf } from './setup.ts';

/** What a variable of the fence says under a configuration. */
function variable(name: string, configuration: object): unknown {
  const { variables } = fence('user', parametersOf(settingsOf(configuration), OWN, CHOICES));
  return JSON.parse(variables.find((one) => one.name === name)?.expression ?? 'null');
}

// What comes of them is shown by the API server, in test/e2e/fence.test.ts.
describe('the fence', () => {
  it('knows where DNS is, but in the namespaces of the system, which it knows anyway', () => {
    const selector = { matchLabels: { 'kubernetes.io/metadata.name': 'named' } };
    const dns = { namespaces: ['kube-system', 'openshift-dns', 'dns'], servers: [{ namespaceSelector: selector }] };
    expect(variable('dnsNamespaces', { dns })).toEqual(['^dns$', '^named$']);
    expect(variable('dnsNamespaces', {})).toEqual([]);
  });

  it('knows what is exempt, and what is excluded', () => {
    const configuration = { exemptions: { namespaces: ['x-*'] }, baseline: { excludedNamespaces: ['y'] } };
    expect(variable('exemptNamespaces', configuration)).toEqual(['^x-.*$']);
    expect(variable('excluded', configuration)).toEqual(['^y$']);
  });

  it.each([
    [{}, false],
    [{ onWrite: 'repair' }, true],
    [{ onDelete: 'repair' }, true],
  ])('lets repairs begin only where the configuration asks for them: %j', (dnsBlocked, expected) => {
    expect(variable('repairs', { dnsBlocked })).toBe(expected);
  });

  it('looks at every list that it knows', () => {
    const { variables, validations } = fence('user', parametersOf(settingsOf(), OWN, CHOICES));
    const asked = validations.map(({ expression }) => expression).join('\n');
    for (const { name } of variables) expect(asked).toContain(`variables.${name}`);
  });
});
