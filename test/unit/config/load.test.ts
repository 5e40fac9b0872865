import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withEnforce } from '../../../src/config/compile.ts';
import { DOCS_BASE_URL } from '../../../src/config/docs-address.ts';
import { loadConfiguration, readConfiguration } from '../../../src/config/load.ts';
import { ConfigurationError } from '../../../src/config/problem.ts';
import { DNS_PRESETS } from '../../../src/policy/dns/presets.ts';
import { SYSTEM_NAMESPACES } from '../../../src/policy/model/system-namespaces.ts';
import { addressesOf } from '../../../src/sets/cidr.ts';

/** Every key of the contract with its default. */
const DEFAULTS = `
apiVersion: netpol-guard.io/v1alpha1
kind: GuardConfiguration
enforce: standard            # for namespaces without the label
warn: strict
audit: strict
rules: {}                    # rule id: deny | warn | audit | off
exemptions:
  namespaces: []             # globs; system namespaces are built in
  users: []
  groups: []
  entries: []
dns:
  presets: []
  servers: []
  namespaces: [kube-system]
  ports: [53]
  allowedResolvers: []
  anywhereThreshold: 1/256
  otherPolicies: auto
dnsBlocked: {onWrite: deny, onDelete: warn, noEgressAtAll: warn, grace: 1s}
baseline:
  template: default-deny
  templates: {}
  existingNamespaces: ignore
  excludedNamespaces: []
gate: {enabled: true, maxHold: 60s}
tls: {selfSigned: {caDuration: 8760h, certificateDuration: 168h}, clientCAFile: '', clientNames: []}
admissionPolicies: {renderedFrom: ''}
docsBaseUrl: ${DOCS_BASE_URL}
contact: ''
`;

const read = (text: string) => readConfiguration(text, 'guard.yaml');
const settingsOf = (text: string) => read(text).settings;

describe('the defaults', () => {
  it('are what the file with every default in it loads to', async () => {
    const written = read(DEFAULTS);
    const implied = await loadConfiguration(undefined);
    expect(written.configuration).toEqual(implied.configuration);
    expect(written.settings).toEqual(implied.settings);
  });

  it('are those of the contract', async () => {
    const { settings, tls } = await loadConfiguration(undefined);
    expect(settings).toMatchObject({
      modes: { enforce: 'standard', warn: 'strict', audit: 'strict' },
      dns: {
        servers: [],
        namespaces: ['kube-system'],
        ports: [53],
        anywhereThreshold: { numerator: 1n, denominator: 256n },
        otherPolicies: 'auto',
      },
      dnsBlocked: { onWrite: 'deny', onDelete: 'warn', noEgressAtAll: 'warn', graceMs: 1000 },
      docsBaseUrl: DOCS_BASE_URL,
      contact: '',
    });
    expect(settings.rules.size).toBe(0);
    expect(settings.dns.allowedResolvers.isEmpty).toBe(true);
    expect(settings.exemptions.namespaces).toEqual([]);
    expect(settings.systemNamespaces).toEqual(SYSTEM_NAMESPACES);
    expect(tls).toMatchObject({ authorityMs: 365 * 24 * 3_600_000, certificateMs: 7 * 24 * 3_600_000 });
    expect(tls.clientCAFile).toBeUndefined();
  });

  it('are filled into a file that names only what differs', () => {
    expect(read('kind: GuardConfiguration\ndnsBlocked: {onDelete: deny}').configuration.dnsBlocked).toEqual({
      onWrite: 'deny',
      onDelete: 'deny',
      noEgressAtAll: 'warn',
      grace: '1s',
    });
  });

  it('stand in for keys without a value, as they do in Kubernetes', () => {
    expect(settingsOf('enforce:\ndns:\nexemptions: {users: null}')).toEqual(settingsOf(DEFAULTS));
  });

  it('cannot be changed by who reads them', () => {
    const { configuration } = read(DEFAULTS);
    expect(Object.isFrozen(configuration)).toBe(true);
    expect(Object.isFrozen(configuration.dns.ports)).toBe(true);
    expect(Object.isFrozen(configuration.exemptions.entries)).toBe(true);
  });
});

describe('settings', () => {
  it('take an unquoted off for off, though YAML 1.1 calls it false', () => {
    const { modes, rules } = settingsOf('{enforce: off, warn: "off", audit: false, rules: {dns-blocked: off}}');
    expect(modes).toEqual({ enforce: 'off', warn: 'off', audit: 'off' });
    expect(rules.get('dns-blocked')).toBe('off');
  });

  it('count the own namespace among the system ones', () => {
    const { settings } = readConfiguration('exemptions: {namespaces: ["ci-*"]}', 'f', {
      own: { namespace: 'guard', serviceAccount: 'guard' },
    });
    expect(settings.exemptions.namespaces).toEqual(['ci-*']);
    expect(settings.systemNamespaces).toEqual([...SYSTEM_NAMESPACES, 'guard']);
  });

  it('keep expired exemptions, for the engine to report', () => {
    const { entries } = settingsOf(`
exemptions:
  entries:
    - {namespace: shop, name: legacy-*, rules: [dns-blocked], reason: moving, expires: 2020-01-31T12:00:00+01:00}
    - {namespace: "*", reason: forever}
`).exemptions;
    expect(entries).toEqual([
      {
        namespace: 'shop',
        name: 'legacy-*',
        rules: ['dns-blocked'],
        reason: 'moving',
        expires: Date.UTC(2020, 0, 31, 11),
      },
      { namespace: '*', name: '*', rules: [], reason: 'forever' },
    ]);
  });

  it.each([
    ['500ms', 500],
    ['1s', 1000],
    ['1m30s', 90_000],
    ['0.25s', 250],
    ['0s', 0],
  ])('read the duration %s', (text, ms) => {
    expect(settingsOf(`dnsBlocked: {grace: ${text}}`).dnsBlocked.graceMs).toBe(ms);
  });

  it('read CIDRs, fractions, ports and addresses of documentation', () => {
    const { dns, docsBaseUrl } = settingsOf(`
dns: {allowedResolvers: [9.9.9.9/32, 2620:fe::/48], anywhereThreshold: 1/2, ports: [53, 5353], otherPolicies: ignore}
docsBaseUrl: https://mirror.example/netpol/
`);
    expect(dns.allowedResolvers.equals(addressesOf('9.9.9.9/32', '2620:fe::/48'))).toBe(true);
    expect(dns.anywhereThreshold).toEqual({ numerator: 1n, denominator: 2n });
    expect(dns.ports).toEqual([53, 5353]);
    expect(dns.otherPolicies).toBe('ignore');
    expect(settingsOf('dns: {namespaces: [openshift-dns, kube-system]}').dns.namespaces).toEqual([
      'openshift-dns',
      'kube-system',
    ]);
    expect(settingsOf('dns: {namespaces: []}').dns.namespaces).toEqual([]);
    expect(docsBaseUrl).toBe('https://mirror.example/netpol');
  });

  it('can be given another default of enforce', () => {
    const settings = settingsOf('enforce: off');
    expect(withEnforce(settings, 'strict')).toEqual({ ...settings, modes: { ...settings.modes, enforce: 'strict' } });
  });
});

describe('dns.servers', () => {
  const serversOf = (items: string) => settingsOf(`dns:\n  servers:\n${items}`).dns.servers;

  it('names pods by selectors, on port 53 of both protocols', () => {
    const [server] = serversOf(
      '    - {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}, podSelector: {matchLabels: {app: unbound}}}',
    );
    expect(server).toMatchObject({
      kind: 'pods',
      name: 'dns/unbound',
      namespace: 'dns',
      ports: { udp: [53], tcp: [53], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
    });
    if (server?.kind !== 'pods') throw new Error('these are pods');
    expect(server.namespaces.matches(new Map([['kubernetes.io/metadata.name', 'dns']]))).toBe(true);
    expect(server.pods.matches(new Map([['app', 'unbound']]))).toBe(true);
    expect(server.pods.matches(new Map())).toBe(false);
  });

  it('names addresses, which the operator vouches for', () => {
    const [server] = serversOf('    - {ipBlocks: [169.254.20.10/32, fd00::a/128], ports: [5353]}');
    expect(server).toMatchObject({
      kind: 'addresses',
      name: '169.254.20.10/32, fd00::a/128',
      trusted: true,
      ports: { udp: [5353], tcp: [5353] },
    });
    expect(server?.addresses.equals(addressesOf('169.254.20.10/32', 'fd00::a/128'))).toBe(true);
  });

  it('takes ports as a NetworkPolicy writes them', () => {
    const [server] = serversOf(`
    - namespaceSelector: {matchLabels: {team: dns}}
      ports: [{protocol: UDP, port: 1053}, {protocol: UDP, port: udp-53}, {protocol: TCP, port: 1053}]
`);
    expect(server).toMatchObject({
      name: 'dns.servers[0]',
      ports: { udp: [1053], tcp: [1053], udpNames: ['udp-53'], tcpNames: ['dns-tcp'] },
    });
  });

  it('comes after the presets', () => {
    const { servers } = settingsOf('dns: {presets: [openshift, kubespray], servers: [{ipBlocks: [10.0.0.10/32]}]}').dns;
    expect(servers.slice(0, -1)).toEqual([
      ...(DNS_PRESETS.get('openshift') ?? []),
      ...(DNS_PRESETS.get('kubespray') ?? []),
    ]);
    expect(servers.at(-1)).toMatchObject({ name: '10.0.0.10/32' });
  });
});

describe('tls', () => {
  it('is not said to be selfSigned where it is not said', () => {
    expect(read('{}').tls.mode).toBeUndefined();
    expect(read('tls: {mode: selfSigned}').tls.mode).toBe('selfSigned');
  });

  it('has its times in milliseconds', () => {
    const { tls } = read('tls: {selfSigned: {caDuration: 2m, certificateDuration: 30s}, clientCAFile: /ca.crt}');
    expect(tls).toMatchObject({
      authorityMs: 120_000,
      certificateMs: 30_000,
      clientCAFile: '/ca.crt',
      clientNames: [],
    });
  });
});

describe('loadConfiguration', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (content: string | Uint8Array) => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, content);
    return loadConfiguration(file);
  };

  it('reads a file, with a byte order mark or without', async () => {
    const { settings } = await load('\uFEFFenforce: strict\n');
    expect(settings.modes.enforce).toBe('strict');
  });

  it.each([
    ['larger than any ConfigMap', `docsBaseUrl: https://x/${'a'.repeat(1024 * 1024)}`, /larger than 1 MiB/],
    ['not UTF-8', new Uint8Array([0x61, 0x3a, 0xff, 0xfe]), /is not UTF-8 text/],
    ['empty', '', /is empty; write at least kind: GuardConfiguration/],
    ['nothing but a comment', '# soon\n', /is empty/],
  ])('refuses a file that is %s', async (_, content, message) => {
    const loading = load(content);
    await expect(loading).rejects.toThrow(ConfigurationError);
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses a missing file, by its name', async () => {
    await expect(loadConfiguration(join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml: cannot be read: ENOENT/);
  });
});
