import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/config/load.ts';
import { ConfigurationError } from '../../../src/config/problem.ts';

function refusalOf(text: string): ConfigurationError {
  try {
    readConfiguration(text, 'guard.yaml');
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 200)}`);
}

describe('every key, wrong once', () => {
  it.each([
    ['apiVersion: v1', 'apiVersion: "v1" is unknown; did you mean netpol-guard.io/v1alpha1?'],
    ['kind: GuardConfig', 'kind: "GuardConfig" is unknown; did you mean GuardConfiguration?'],
    ['enforce: stirct', 'enforce: "stirct" is unknown; did you mean strict?'],
    ['warn: on', 'warn: true is unknown; known: standard, strict, off'],
    ['audit: [strict]', 'audit: ["strict"] is unknown; known: standard, strict, off'],
    ['rulesVersion: v0.2', 'rulesVersion: "v0.2" is not a version of the rules that is known here: v0.1'],
    ['rulesVersion: 0.1', 'rulesVersion: 0.1 is not a version of the rules that is known here: v0.1'],
    ['rulesVersion: latest', 'rulesVersion: "latest" is not a version of the rules that is known here: v0.1'],
    ['rules: []', 'rules: [] is not a map of rules to deny, warn, audit or off'],
    ['rules: {dns-bloked: warn}', 'rules.dns-bloked: unknown rule; did you mean dns-blocked?'],
    ['rules: {dns-blocked: error}', 'rules.dns-blocked: "error" is unknown; known: deny, warn, audit, off'],
    ['exemptions: {namespaces: "ci-*"}', 'exemptions.namespaces: "ci-*" is not a list'],
    ['exemptions: {namespaces: [CI]}', 'exemptions.namespaces[0]: "CI" is not a name, in which * and ? are wildcards'],
    ['exemptions: {users: [y]}', 'exemptions.users[0]: true is not a name'],
    ['exemptions: {groups: [""]}', 'exemptions.groups[0]: "" is not a name'],
    [
      'exemptions: {entries: [{namespace: a, reason: r, rules: [dns-blokced]}]}',
      'exemptions.entries[0].rules[0]: "dns-blokced" is unknown; did you mean dns-blocked?',
    ],
    [
      'exemptions: {entries: [{namespace: a}]}',
      'exemptions.entries[0].reason: is missing; expected a sentence that says why',
    ],
    [
      'exemptions: {entries: [{reason: r}]}',
      'exemptions.entries[0].namespace: is missing; expected a name, in which * and ? are wildcards',
    ],
    [
      'exemptions: {entries: [{namespace: a, reason: r, expires: 2027-02-30T00:00:00Z}]}',
      'exemptions.entries[0].expires: "2027-02-30T00:00:00Z" is not a time such as 2027-01-31T00:00:00Z',
    ],
    [
      'exemptions: {entries: [{namespace: a, reason: r, expires: 2027-02-01}]}',
      'exemptions.entries[0].expires: "2027-02-01" is not a time such as 2027-01-31T00:00:00Z',
    ],
    ['dns: {presets: [open-shift]}', 'dns.presets[0]: "open-shift" is unknown; did you mean openshift?'],
    ['dns: {namespaces: kube-system}', 'dns.namespaces: "kube-system" is not a list'],
    ['dns: {namespaces: [openshift-*]}', 'dns.namespaces[0]: "openshift-*" is not the name of a namespace'],
    ['dns: {namespaces: [""]}', 'dns.namespaces[0]: "" is not the name of a namespace'],
    [
      'dns: {servers: [{ipBlocks: [10.0.0.1/32], podSelector: {}}]}',
      'dns.servers[0]: {"ipBlocks":["10.0.0.1/32"],"podSelector":{}} is not pods (namespaceSelector and podSelector) or addresses (ipBlocks), one of the two',
    ],
    [
      'dns: {servers: [{podSelector: {matchLabels: {app: dns}}}]}',
      'dns.servers[0]: {"podSelector":{"matchLabels":{"app":"dns"}}} is not pods (namespaceSelector and podSelector) or addresses (ipBlocks), one of the two',
    ],
    [
      'dns: {servers: [{namespaceSelector: {}}]}',
      'dns.servers[0]: selects every pod of the cluster; say which are the DNS servers',
    ],
    [
      'dns: {servers: [{namespaceSelector: {matchlabels: {a: b}}}]}',
      'dns.servers[0].namespaceSelector.matchlabels: unknown key; did you mean dns.servers[0].namespaceSelector.matchLabels?',
    ],
    [
      'dns: {servers: [{namespaceSelector: {matchLabels: {debug: on}}}]}',
      'dns.servers[0].namespaceSelector.matchLabels.debug: true is not a string; quote it',
    ],
    [
      'dns: {servers: [{namespaceSelector: {matchLabels: {"a b": c}}}]}',
      'dns.servers[0].namespaceSelector.matchLabels[a b]: "a b" is not a label key: letters, digits, "-", "_" and ".", with a letter or digit at both ends',
    ],
    [
      'dns: {servers: [{namespaceSelector: {matchExpressions: [{key: a, operator: In}]}}]}',
      'dns.servers[0].namespaceSelector.matchExpressions[0]: {"key":"a","operator":"In"} is not In or NotIn with values, Exists or DoesNotExist without any',
    ],
    [
      'dns: {servers: [{ipBlocks: [10.0.0.10]}]}',
      'dns.servers[0].ipBlocks[0]: "10.0.0.10" is not a CIDR such as 10.0.0.0/8',
    ],
    [
      'dns: {servers: [{ipBlocks: [10.0.0.10/32], ports: [{port: 53}]}]}',
      'dns.servers[0].ports[0].protocol: is missing; expected UDP or TCP',
    ],
    [
      'dns: {servers: [{ipBlocks: [10.0.0.10/32], ports: ["53"]}]}',
      'dns.servers[0].ports[0]: "53" is not a port from 1 to 65535, or a protocol (UDP or TCP) with a port',
    ],
    ['dns: {ports: []}', 'dns.ports: is empty; leave the key out or name at least one'],
    ['dns: {ports: [70000]}', 'dns.ports[0]: 70000 is not a port from 1 to 65535'],
    ['dns: {allowedResolvers: [10.0.0.1/8]}', 'dns.allowedResolvers[0]: "10.0.0.1/8" is not a CIDR such as 10.0.0.0/8'],
    [
      'dns: {anywhereThreshold: 3/2}',
      'dns.anywhereThreshold: "3/2" is not a fraction above 0 and no more than 1, such as 1/256',
    ],
    [
      'dns: {anywhereThreshold: 0.5}',
      'dns.anywhereThreshold: 0.5 is not a fraction above 0 and no more than 1, such as 1/256',
    ],
    ['dns: {otherPolicies: none}', 'dns.otherPolicies: "none" is unknown; known: auto, ignore'],
    ['dnsBlocked: {onWrite: block}', 'dnsBlocked.onWrite: "block" is unknown; known: deny, warn, repair'],
    ['dnsBlocked: {onDelete: wanr}', 'dnsBlocked.onDelete: "wanr" is unknown; did you mean warn?'],
    ['dnsBlocked: {noEgressAtAll: repair}', 'dnsBlocked.noEgressAtAll: "repair" is unknown; known: warn, deny'],
    ['dnsBlocked: {grace: 1}', 'dnsBlocked.grace: 1 is not a duration such as 1s or 500ms'],
    [
      'baseline: {template: default-dney}',
      'baseline.template: "default-dney" is not a template; did you mean default-deny?',
    ],
    [
      'baseline: {templates: {default-deny: []}}',
      'baseline.templates.default-deny: is the name of a built-in template; choose another',
    ],
    ['baseline: {templates: {My: []}}', 'baseline.templates.My: is not a lower-case DNS label'],
    ['baseline: {existingNamespaces: yes}', 'baseline.existingNamespaces: true is unknown; known: ignore, adopt'],
    [
      'baseline: {excludedNamespaces: [a b]}',
      'baseline.excludedNamespaces[0]: "a b" is not a name, in which * and ? are wildcards',
    ],
    ['gate: {enabled: "true"}', 'gate.enabled: "true" is not true or false'],
    ['gate: {maxHold: 60}', 'gate.maxHold: 60 is not a duration such as 1s or 500ms'],
    ['tls: {mode: cert-manager}', 'tls.mode: "cert-manager" is unknown; did you mean certManager?'],
    [
      'tls: {selfSigned: {certificateDuration: 5s}}',
      'tls.selfSigned.certificateDuration: "5s" is too short; the minimum is 10s',
    ],
    [
      'tls: {selfSigned: {caDuration: 480h}}',
      'tls.selfSigned.caDuration: "480h" is too short; it must be at least 4 times the certificateDuration, "168h"',
    ],
    ['tls: {clientNames: [joe]}', 'tls.clientNames: are not checked without tls.clientCAFile; give both'],
    ['docsBaseUrl: docs', 'docsBaseUrl: "docs" is not an address such as https://mirror.example/docs'],
  ])('%s', (text, expected) => {
    const { problems } = refusalOf(text);
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([expected]);
  });
});

describe('unknown keys', () => {
  it.each([
    ['dns: {severs: []}', 'dns.severs: unknown key; did you mean dns.servers?'],
    ['grace: 2s', 'grace: unknown key; did you mean dnsBlocked.grace?'],
    ['dns-blocked: warn', 'dns-blocked: unknown key; did you mean dnsBlocked?'],
    ['tls: {certificate: x}', 'tls.certificate: unknown key; known here: mode, selfSigned, clientCAFile, clientNames'],
    ['exemption: {}', 'exemption: unknown key; did you mean exemptions?'],
    ['__proto__: {enforce: off}', '__proto__: unknown key; known here: apiVersion'],
    ['constructor: {}', 'constructor: unknown key; known here: apiVersion'],
    ['dns: {hasOwnProperty: 1}', 'dns.hasOwnProperty: unknown key; known here: presets'],
    ['rules: {__proto__: warn}', 'rules.__proto__: unknown rule; netpol-guard explain lists all'],
    ['rules: {constructor: warn}', 'rules.constructor: unknown rule; netpol-guard explain lists all'],
    ['{"a\\nb": 1}', '["a\\nb"]: unknown key'],
  ])('%s', (text, expected) => {
    const { problems } = refusalOf(text);
    expect(problems).toHaveLength(1);
    expect(`${problems[0]?.path}: ${problems[0]?.message}`).toContain(expected);
  });

  it('leave no trace on other objects', () => {
    refusalOf('__proto__: {polluted: 1}\nbaseline: {templates: {__proto__: [{polluted: 1}]}}');
    expect('polluted' in {}).toBe(false);
  });
});

describe('all problems', () => {
  it('are told at once, with the line and column of each', () => {
    const { message } = refusalOf(`enforce: hard
dns:
  severs: []
  ports: [0]
exemptions:
  entries:
    - namespace: shop
      reason: ""
`);
    expect(message.split('\n').sort()).toEqual([
      'guard.yaml:1:1: enforce: "hard" is unknown; known: standard, strict, off',
      'guard.yaml:3:3: dns.severs: unknown key; did you mean dns.servers?',
      'guard.yaml:4:11: dns.ports[0]: 0 is not a port from 1 to 65535',
      'guard.yaml:8:7: exemptions.entries[0].reason: "" is not a sentence that says why',
    ]);
  });

  it('are cut short in the message, never in the list', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `key${i}: 1`).join('\n');
    const { problems, message } = refusalOf(text);
    expect(problems).toHaveLength(3000);
    expect(message.split('\n')).toHaveLength(51);
    expect(message).toContain('guard.yaml: 2950 more');
  });
});

describe('hostile text', () => {
  it.each([
    ['a list', '- a', /\["a"\] is not a map/],
    ['a word', 'deny', /"deny" is not a map/],
    ['two documents', 'enforce: off\n---\nenforce: strict', /holds 2 documents; expected one/],
    [
      'a key given twice',
      'enforce: off\nenforce: strict',
      /guard\.yaml:2:1: cannot be read as YAML: "enforce" is given twice/,
    ],
    ['a tab', 'dns:\n\tports: [53]', /cannot be read as YAML/],
    ['an unknown tag', 'enforce: !!js/function "x"', /cannot be read as YAML: Unresolved tag/],
    ['an alias of nothing', 'enforce: *x', /cannot be read as YAML/],
    ['brackets without end', '['.repeat(20_000), /cannot be read as YAML/],
    ['lists in lists', `a: ${'['.repeat(200)}${']'.repeat(200)}`, /nested more than 100 deep/],
    ['more of them than the stack holds', `a: ${'['.repeat(9000)}${']'.repeat(9000)}`, /cannot be read as YAML/],
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((key, i) => `${key}: &${key} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}`,
      /cannot be read as YAML: Excessive alias count/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(refusalOf(text).message).toMatch(message);
  });

  it('is refused in time that grows no faster than its length', () => {
    expect(refusalOf(`enforce: ${'x'.repeat(1_000_000)}`).problems).toHaveLength(1);
    expect(refusalOf(`${'k'.repeat(900_000)}: 1`).problems).toHaveLength(1);
    expect(
      refusalOf(`rules: {${Array.from({ length: 20_000 }, (_, i) => `r${i}: deny`).join(', ')}}`).problems,
    ).toHaveLength(20_000);
  }, 30_000);
});
