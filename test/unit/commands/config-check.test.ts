import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configCheck } from '../../../src/commands/config-check.ts';
import { testIo, withFiles } from '../cli/setup.ts';

/** What is printed of a file, at the beginning of 2026; FILE is its path. */
async function checked(text: string): Promise<{ exit: number; lines: readonly string[] }> {
  return withFiles({ 'guard.yaml': text }, async (folder) => {
    const io = testIo();
    const file = join(folder, 'guard.yaml');
    const exit = await configCheck(file, io);
    expect(io.printed.err).toBe('');
    return { exit, lines: io.printed.out.trimEnd().replaceAll(file, 'FILE').split('\n') };
  });
}

describe('config check', () => {
  it.each([
    ['kind: GuardConfiguration', 'enforce standard, warn strict, audit strict, baseline default-deny'],
    [
      'enforce: off\nwarn: standard\nbaseline: {template: none}',
      'enforce off, warn standard, audit strict, baseline none',
    ],
    ['gate: {enabled: false}', 'enforce standard, warn strict, audit strict, baseline default-deny without gate'],
  ])('says in one line that a file is valid, and what it enforces: %s', async (text, inShort) => {
    expect(await checked(text)).toEqual({ exit: 0, lines: [`FILE: valid: ${inShort}`] });
  });

  it('says everything that is wrong, in the order of the file, with the nearest known words', async () => {
    const text = `enforce: strickt
rules: {dns: off, dns-blokced: warn}
allowedResolver: []
dns:
  severs: []
baseline: {template: default-deni}
`;
    expect(await checked(text)).toEqual({
      exit: 1,
      lines: [
        'FILE:1:1: enforce: "strickt" is unknown; did you mean strict?',
        'FILE:2:9: rules.dns: unknown rule; did you mean dns-blocked, dns-depends-on-cni or dns-partly-blocked? netpol-guard explain lists all',
        'FILE:2:19: rules.dns-blokced: unknown rule; did you mean dns-blocked?',
        'FILE:3:1: allowedResolver: unknown key; did you mean dns.allowedResolvers?',
        'FILE:5:3: dns.severs: unknown key; did you mean dns.servers?',
        'FILE: invalid: 5 problems',
      ],
    });
  });

  it.each([
    ['# nothing', 'FILE: is empty; write at least kind: GuardConfiguration'],
    ['a: [', 'FILE:1:5: cannot be read as YAML: '],
    ['baseline: {template: closed}', 'FILE:1:12: baseline.template: "closed" is not a template; known: none, '],
  ])('finds one problem in %j', async (text, problem) => {
    const { exit, lines } = await checked(text);
    expect(exit).toBe(1);
    expect(lines[0]).toContain(problem);
    expect(lines[1]).toBe('FILE: invalid: 1 problem');
  });

  it.each([
    [
      'config.yaml: "enforce: strict"',
      0,
      ['FILE: valid: enforce strict, warn strict, audit strict, baseline default-deny'],
    ],
    [
      'config.yaml: "enforced: strict"',
      1,
      ['FILE (config.yaml):1:1: enforced: unknown key; did you mean enforce?', 'FILE: invalid: 1 problem'],
    ],
    ['other: ""', 1, ['FILE: data: has no config.yaml, which is the configuration', 'FILE: invalid: 1 problem']],
  ])('reads the ConfigMap that holds one: %s', async (data, exit, lines) => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: guard-config}\ndata:\n  ${data}\n`;
    expect(await checked(text)).toEqual({ exit, lines });
  });

  it('reads standard input', async () => {
    const io = testIo('enforce: strict');
    expect(await configCheck('-', io)).toBe(0);
    expect(io.printed.out).toBe('<stdin>: valid: enforce strict, warn strict, audit strict, baseline default-deny\n');
  });

  it.each([
    ['nowhere.yaml', /nowhere\.yaml: there is no such file$/],
    ['', /: is a folder; name the file in it$/],
    ['large.yaml', /large\.yaml: is larger than 1 MiB, which no ConfigMap is$/],
    ['latin.yaml', /latin\.yaml: is not UTF-8 text$/],
  ])('cannot judge %j', async (name, message) => {
    const files = { 'large.yaml': `# ${'x'.repeat(1024 * 1024)}`, 'latin.yaml': Uint8Array.of(0xe9) };
    await withFiles(files, async (folder) => {
      await expect(configCheck(join(folder, name), testIo())).rejects.toThrow(message);
    });
  });
});

describe('of a valid file it notes', () => {
  it.each([
    [
      'an exemption that has expired',
      'exemptions: {entries: [{namespace: a, reason: r, expires: 2025-12-31T12:00:00Z}]}',
      'FILE:1:50: exemptions.entries[0].expires: expired on 2025-12-31 and no longer exempts; remove the entry, or renew it',
    ],
    [
      'one that soon will',
      'exemptions: {entries: [{namespace: a, reason: r, expires: 2026-01-02T00:00:00Z}]}',
      'FILE:1:50: exemptions.entries[0].expires: expires on 2026-01-02, in 1 day',
    ],
    [
      'one of every policy',
      'exemptions: {entries: [{namespace: "*", reason: r}]}',
      'FILE:1:24: exemptions.entries[0]: exempts every policy of every namespace, forever',
    ],
    [
      'one of every namespace',
      'exemptions: {namespaces: [a, "*"]}',
      'FILE:1:30: exemptions.namespaces[1]: exempts every namespace',
    ],
    [
      'one of everyone',
      'exemptions: {groups: ["system:authenticated"]}',
      'FILE:1:23: exemptions.groups[0]: exempts everyone in that group',
    ],
    [
      'a rule that is off',
      'rules: {dns-blocked: off, egress-open-to-anywhere: warn}',
      'FILE:1:9: rules.dns-blocked: is off; its findings are not reported anywhere',
    ],
    [
      'a discovery that looks nowhere',
      'dns: {namespaces: []}',
      'FILE:1:7: dns.namespaces: is empty, and no DNS server is named: cluster DNS is unknown, so no baseline is applied',
    ],
  ])('%s', async (_, text, note) => {
    const { exit, lines } = await checked(text);
    expect([exit, lines.slice(1)]).toEqual([0, [note]]);
  });

  it.each([
    'exemptions: {entries: [{namespace: a, reason: r, expires: 2026-03-01T00:00:00Z}]}',
    'exemptions: {entries: [{namespace: "*", name: debug-*, reason: r}]}',
    'dns: {namespaces: [], presets: [kube-dns]}',
  ])('nothing about %s', async (text) => {
    expect((await checked(text)).lines).toHaveLength(1);
  });
});
