import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { list, map, pattern, text } from '../../../src/admission-policies/cel.ts';
import { FOLLOWED, type Parameters, parametersOf } from '../../../src/admission-policies/parameters.ts';
import { parametersHash, settingsHash } from '../../../src/admission-policies/parameters-hash.ts';
import { matchesGlob } from '../../../src/objects/glob.ts';
import { DNS_PRESETS } from '../../../src/policy/dns/presets.ts';
import { SYSTEM_NAMESPACES } from '../../../src/policy/model/system-namespaces.ts';
import { CHOICES, OWN, settingsOf } from './setup.ts';

const parametersFor = (configuration: object = {}, choices = CHOICES) =>
  parametersOf(settingsOf(configuration), OWN, choices);

/** What a parameter that is a list of strings holds. */
const listed = (cel: string): readonly string[] => JSON.parse(cel);

describe('what the policies rest on', () => {
  it('is by default what the program has by default', () => {
    const parameters = parametersFor();
    expect(parameters).toMatchObject({
      enforce: '"standard"',
      template: '"default-deny"',
      exemptUsers: '[]',
      exemptGroups: '[]',
      exemptNamespaces: '[]',
      exemptPolicies: '[]',
      webhookDecides: 'true',
      dnsNamespaces: '[]',
      repairs: 'false',
    });
    expect(JSON.parse(parameters.kept)).toEqual({
      'default-deny': ['netpol-guard-allow-dns', 'netpol-guard-default-deny'],
      'default-deny-egress': ['netpol-guard-allow-dns', 'netpol-guard-default-deny'],
      'default-deny-ingress': ['netpol-guard-default-deny'],
    });
  });

  it('is what the configuration says', () => {
    const manifest = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'web' } };
    const parameters = parametersFor(
      {
        enforce: 'off',
        baseline: {
          template: 'none',
          existingNamespaces: 'adopt',
          templates: { own: [{ part: 'allow-dns' }, { ...manifest, spec: { podSelector: {}, ingress: [{}] } }] },
        },
        exemptions: {
          users: ['b', 'a'],
          groups: ['g'],
          namespaces: ['x-*'],
          entries: [
            { namespace: 'legacy', reason: 'r' },
            { namespace: 'old-?', name: 'p*', rules: ['baseline-modified', 'dns-blocked'], reason: 'r' },
            { namespace: 'other', rules: ['dns-blocked'], reason: 'r' },
          ],
        },
      },
      { ...CHOICES, failsClosed: false },
    );
    expect(parameters).toMatchObject({
      enforce: '"off"',
      template: '"/"',
      exemptUsers: '["b","a"]',
      exemptGroups: '["g"]',
      exemptNamespaces: '["^x-.*$"]',
      exemptPolicies: '["^legacy/.*$","^old-./p.*$"]',
      webhookDecides: 'false',
    });
    expect(JSON.parse(parameters.kept)).toMatchObject({ own: ['netpol-guard-allow-dns', 'netpol-guard-web'] });
  });

  it('reserves every name that exempts, but those that each cluster is born with', () => {
    const exemptions = { namespaces: ['sandbox-*', 'kube-public'] };
    const reserved = listed(
      parametersFor({ exemptions, dns: { namespaces: ['kube-system', 'default', 'dns'] } }).reserved,
    );
    const isReserved = (name: string) => reserved.some((regex) => new RegExp(regex).test(name));
    for (const glob of [...SYSTEM_NAMESPACES, 'sandbox-*', 'dns', 'netpol-guard']) {
      expect([glob, isReserved(glob.replace('*', 'x'))]).toEqual([
        glob,
        !/^kube-(system|public|node-lease)$/.test(glob),
      ]);
    }
    for (const name of ['default', 'shop', 'xopenshift-x', 'dns-2']) expect(isReserved(name)).toBe(false);
  });

  it('reserves what an exemption of a policy names, but what holds everywhere', () => {
    const entries = ['legacy', 'old-?', '*', '**', '?*', '*-x'].map((namespace) => ({ namespace, reason: 'r' }));
    const reserved = listed(parametersFor({ exemptions: { entries } }).reserved);
    const before = listed(parametersFor().reserved);
    expect(reserved.filter((regex) => !before.includes(regex)).sort()).toEqual(['^.*-x$', '^legacy$', '^old-.$']);
  });

  it('reserves what the configuration names as where cluster DNS is', () => {
    const name = 'kubernetes.io/metadata.name';
    const servers = [
      { namespaceSelector: { matchLabels: { [name]: 'dns' } } },
      { namespaceSelector: { matchExpressions: [{ key: name, operator: 'In', values: ['a', 'kube-system'] }] } },
      { namespaceSelector: { matchExpressions: [{ key: name, operator: 'NotIn', values: ['b'] }] } },
      { ipBlocks: ['10.0.0.9/32'] },
    ];
    const reserved = listed(parametersFor({ dns: { servers } }).reserved);
    expect(reserved).toEqual(expect.arrayContaining(['^dns$', '^a$']));
    expect(reserved).not.toEqual(expect.arrayContaining(['^b$']));
    expect(reserved).not.toContain('^kube-system$');
  });

  it('is the same with any preset of DNS, since the chart does not know where those look', () => {
    const presets = [...DNS_PRESETS.keys()];
    expect(parametersFor({ dns: { presets, namespaces: ['dns'] } }).reserved).toBe(
      parametersFor({ dns: { namespaces: ['dns'] } }).reserved,
    );
  });

  it('knows the accounts that install, and those that the chart adds', () => {
    const creators = listed(parametersFor({}, { ...CHOICES, creators: ['system:serviceaccount:ops:x'] }).creators);
    expect(creators).toContain('system:serviceaccount:tigera-operator:tigera-operator');
    expect(creators).toContain('system:serviceaccount:ops:x');
  });
});

describe('CEL', () => {
  it('matches by a regular expression what the glob matches', () => {
    const character = fc.constantFrom('a', 'b', '-', '.', '*', '?');
    const name = fc.array(fc.constantFrom('a', 'b', '-', '.'), { maxLength: 8 }).map((letters) => letters.join(''));
    const glob = fc.array(character, { maxLength: 6 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(glob, name, (wanted, found) => {
        expect(new RegExp(pattern(wanted)).test(found)).toBe(matchesGlob(wanted, found));
      }),
    );
  });

  it('quotes what somebody wrote so that it ends nowhere early', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = text(value);
        expect(JSON.parse(quoted)).toBe(value);
        expect(quoted).not.toMatch(/[\n<>&]/);
      }),
    );
    expect(list(['a"b', "c'd", '</>'])).toBe('["a\\"b","c\'d","\\u003c/\\u003e"]');
    expect(
      map(
        new Map([
          ['b', ['x']],
          ['a', []],
        ]),
      ),
    ).toBe('{"a":[],"b":["x"]}');
  });
});

describe('the hash', () => {
  it('differs where any parameter of the configuration does', () => {
    const parameters = parametersFor();
    const other = (change: Partial<Parameters>) => parametersHash({ ...parameters, ...change });
    const others = FOLLOWED.map((name) => other({ [name]: '"other"' }));
    expect(new Set([parametersHash(parameters), ...others]).size).toBe(FOLLOWED.length + 1);
    expect(other({ creators: '[]', webhookDecides: 'false' })).toBe(parametersHash(parameters));
  });

  it('is what the process comes to from its settings alone', () => {
    const configuration = { enforce: 'strict', exemptions: { namespaces: ['x-*'] } };
    const choices = { creators: ['x'], failsClosed: false };
    expect(settingsHash(settingsOf(configuration), OWN)).toBe(parametersHash(parametersFor(configuration, choices)));
    const elsewhere = settingsOf({ dns: { namespaces: ['dns'] } });
    expect(settingsHash(elsewhere, OWN)).not.toBe(settingsHash(settingsOf({}), OWN));
    expect(settingsHash(settingsOf({}), OWN)).not.toBe(settingsHash(settingsOf(configuration), OWN));
  });
});
