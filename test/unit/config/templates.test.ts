import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/config/load.ts';
import { ConfigurationError } from '../../../src/config/problem.ts';

/** What is wrong with a configuration, as `path: message`; nothing where it is taken. */
function faultsOf(text: string): readonly string[] {
  try {
    readConfiguration(text, 'guard.yaml');
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

const template = (...items: readonly string[]) =>
  `baseline:\n  templates:\n    own:\n${items.map((item) => `      - ${item}\n`).join('')}`;
const manifest = (name: string, spec: string, rest = '') =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}${rest}}, spec: ${spec}}`;

const PARTS = ['{part: allow-dns}', '{part: default-deny}'];
const AT = 'baseline.templates.own';
const TO_DNS =
  '[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]';
const ALLOW_DNS = `{podSelector: {}, policyTypes: [Egress], egress: [{to: ${TO_DNS}, ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]}`;

describe('a template', () => {
  it.each([
    ['parts alone', [...PARTS, '{part: allow-same-namespace}', '{part: allow-api-server, blocks: [10.0.0.1/32]}']],
    ['ingress from namespaces', [...PARTS, '{part: allow-ingress-from, namespaces: [gateway, monitoring]}']],
    ['a manifest beside parts', [...PARTS, manifest('web', '{podSelector: {matchLabels: {app: web}}}')]],
    ['manifests alone', [manifest('dns', ALLOW_DNS), manifest('deny', '{podSelector: {}, policyTypes: [Egress]}')]],
    ['a manifest named with the prefix', [manifest('netpol-guard-closed', '{podSelector: {}}')]],
    ['what is merely advised against', [manifest('web', '{podSelector: {}, policyTypes: [Ingress], egress: [{}]}')]],
  ])('may be of %s', (_, items) => {
    expect(faultsOf(template(...items))).toEqual([]);
  });

  it('is read into what is applied under the reserved prefix', () => {
    const items = ['{part: allow-ingress-from, namespaces: [gateway]}', manifest('web', '{podSelector: {}}')];
    const { settings } = readConfiguration(template(...items), 'guard.yaml');
    expect(settings.baseline.templates.get('own')).toEqual({
      name: 'own',
      items: [
        { part: 'allow-ingress-from', namespaces: ['gateway'] },
        { name: 'netpol-guard-web', spec: { podSelector: {} } },
      ],
    });
  });

  it.each<[string, string]>([
    ['{part: allow-dsn}', `${AT}[0].part: "allow-dsn" is unknown; did you mean allow-dns?`],
    ['{part: 53}', `${AT}[0].part: 53 is unknown; known: allow-dns, default-deny, default-deny-egress, `],
    ['{part: allow-dns, block: []}', `${AT}[0].block: unknown key; did you mean ${AT}[0].blocks?`],
    [
      '{part: allow-dns, blocks: [10.0.0.0/8]}',
      `${AT}[0].blocks: does not go with allow-dns; it belongs to allow-api-`,
    ],
    ['{part: allow-api-server, blocks: [10.0.0.1]}', `${AT}[0].blocks[0]: "10.0.0.1" is not a CIDR such as 10.0.0.0/8`],
    ['{part: allow-api-server, blocks: []}', `${AT}[0].blocks: is empty; leave the key out or name at least one`],
    ['{part: allow-ingress-from}', `${AT}[0].namespaces: is missing; expected a list of namespaces`],
    ['{part: allow-ingress-from, namespaces: [A]}', `${AT}[0].namespaces[0]: "A" is not the name of a namespace`],
    ['{part: allow-ingress-from, namespaces: gateway}', `${AT}[0].namespaces: "gateway" is not a list of namespaces`],
    ['allow-dns', `${AT}[0]: "allow-dns" is not a NetworkPolicy manifest, or a part`],
    ['{}', `${AT}[0]: is "" of ""; write a NetworkPolicy of networking.k8s.io/v1, or a part such as`],
    ['{apiVersion: v1, kind: Pod}', `${AT}[0]: is "Pod" of "v1"; write a NetworkPolicy of networking.k8s.io/v1, or a`],
    [manifest('web', '{podselector: {}}'), `${AT}[0].spec.podselector: unknown field "podselector"; did you mean podS`],
    [manifest('Web', '{podSelector: {}}'), `${AT}[0].metadata.name: "Web" is not an RFC 1123 subdomain`],
    [
      manifest('web', '{podSelector: {matchLabels: {a/b: "c d"}}}'),
      `${AT}[0].spec.podSelector.matchLabels["a/b"]: "c d" is not a label value`,
    ],
    [
      manifest('web', '{egress: [{to: [{ipBlock: {cidr: 10.0.0.1/8}}]}]}'),
      `${AT}[0].spec.egress[0].to[0].ipBlock.cidr: "10.0.0.1/8" must not have bits set beyond`,
    ],
    [
      manifest('web', '{podSelector: {}}', ', namespace: shop'),
      `${AT}[0].metadata.namespace: goes to every namespace that has the template; leave it out`,
    ],
    [
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {generateName: web-}, spec: {}}',
      `${AT}[0].metadata.name: is missing; a policy of a template has a name, and no generateName`,
    ],
    [
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web}}',
      `${AT}[0].spec: is missing; say what the policy allows`,
    ],
    [manifest('a'.repeat(250), '{}'), `${AT}[0].metadata.name: "netpol-guard-aaaa`],
    [manifest('dns-for-web', '{}'), `${AT}[0].metadata.name: "dns-for-web" is reserved for dnsBlocked: repair; choose`],
  ])('is not of %s', (item, expected) => {
    const faults = faultsOf(template(item));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
  });

  it('has no two items that become one policy', () => {
    expect(faultsOf(template('{part: allow-dns}', '{part: default-deny}', '{part: default-deny-egress}'))).toEqual([
      `${AT}[2]: becomes the policy netpol-guard-default-deny, as item [1] does; keep one of them`,
    ]);
    expect(faultsOf(template(...PARTS, manifest('allow-dns', '{podSelector: {}}')))).toEqual([
      `${AT}[2]: becomes the policy netpol-guard-allow-dns, as item [0] does; keep one of them`,
    ]);
  });

  it('is not empty', () => {
    expect(faultsOf('baseline: {templates: {own: []}}')).toEqual([`${AT}: is empty; give it a policy or a part`]);
  });

  it('denies something', () => {
    expect(faultsOf(template('{part: allow-same-namespace}'))).toEqual([
      `${AT}: denies nothing, so allow-same-namespace has nothing to allow; add a part that denies`,
    ]);
  });

  it('is told of by line and column', () => {
    const text = 'baseline:\n  templates:\n    own:\n      - part: allow-dns\n      - part: default-dney\n';
    expect(() => readConfiguration(text, 'guard.yaml')).toThrow(
      'guard.yaml:5:9: baseline.templates.own[1].part: "default-dney" is unknown; did you mean default-deny?',
    );
  });
});

describe('a template that breaks a rule', () => {
  it('is refused with the finding, at its place', () => {
    const open = manifest('open', '{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}');
    const [fault, ...others] = faultsOf(template(...PARTS, open));
    expect(fault).toContain(`${AT}[2].spec.egress[0]: opens TCP 53 to any address`);
    expect(fault).toContain('. Replace spec.egress[0] with a rule for cluster DNS [dns-open-to-anywhere]');
    expect(others).toEqual([]);
  });

  it.each([
    [
      'isolates without DNS',
      ['{part: default-deny-egress}'],
      '[0]: netpol-guard-default-deny cuts every pod of own off from DNS: no policy in own lets them reach kube-system/kube-dns on UDP and TCP 53. Add the part allow-dns ',
    ],
    [
      'allows the API server alone',
      ['{part: default-deny}', '{part: allow-api-server}'],
      '[0]: netpol-guard-default-deny cuts every pod of own off from DNS: ',
    ],
    [
      'opens everything',
      [...PARTS, manifest('open', '{podSelector: {}, policyTypes: [Egress], egress: [{}]}')],
      '[2].spec.egress[0]: opens all UDP and TCP ports to any address',
    ],
  ])('because it %s', (_, items, expected) => {
    expect(faultsOf(template(...items))[0]).toContain(`${AT}${expected}`);
  });

  it('is taken where the rule does not deny', () => {
    const items = ['{part: default-deny-egress}'];
    expect(faultsOf(`rules: {dns-blocked: warn}\n${template(...items)}`)).toEqual([]);
    expect(faultsOf(`dnsBlocked: {onWrite: warn}\n${template(...items)}`)).toEqual([]);
  });

  it('is refused although policies of others would be repaired, or are exempt', () => {
    const items = ['{part: default-deny-egress}'];
    expect(faultsOf(`dnsBlocked: {onWrite: repair}\n${template(...items)}`)).toHaveLength(1);
    expect(faultsOf(`exemptions: {namespaces: ["*"]}\n${template(...items)}`)).toHaveLength(1);
    expect(faultsOf(`enforce: off\n${template(...items)}`)).toHaveLength(1);
  });

  it('is judged by the DNS servers of the configuration, else by each of the usual places', () => {
    const items = [manifest('dns', ALLOW_DNS), '{part: default-deny-egress}'];
    expect(faultsOf(template(...items))).toEqual([]);
    expect(faultsOf(`dns: {presets: [openshift]}\n${template(...items)}`)).toHaveLength(2);
    expect(faultsOf(`dns: {presets: [openshift]}\n${template(...PARTS)}`)).toEqual([]);
    expect(faultsOf(`dns: {presets: [gke-cloud-dns]}\n${template(...PARTS)}`)).toEqual([]);
  });

  it('is told of together with no other template', () => {
    const good = `${template(...PARTS)}    other:\n      - {part: default-deny-egress}\n`;
    expect(faultsOf(good).map((fault) => fault.split(':')[0])).toEqual(['baseline.templates.other[0]']);
  });
});
