import { describe, expect, it } from 'vitest';
import { lint } from '../../../src/commands/lint.ts';
import { ALLOW_DNS, OPEN_DNS, type PrintedReport, policyYaml, testIo } from '../cli/setup.ts';

type Level = 'off' | 'standard' | 'strict';

const namespaceOf = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

async function lintNamespaces(
  namespaces: readonly string[],
  { level, ignoreLabels = false }: { level?: Level; ignoreLabels?: boolean } = {},
) {
  const io = testIo([...namespaces, policyYaml('open', 'shop', OPEN_DNS)].join('\n---\n'));
  const given = level === 'strict' || level === 'standard' ? { level } : {};
  const exit = await lint(
    { paths: ['-'], namespace: 'default', format: 'json', version: '', ignoreLabels, ...given },
    io,
  );
  const { findings, notes } = JSON.parse(io.printed.out) as PrintedReport;
  return { exit, rules: findings.map(({ rule }) => rule), notes, err: io.printed.err };
}

const OFF = { 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'off' };

describe('a Namespace among the files that lowers its own level', () => {
  it('is said in a note, for people and for programs', async () => {
    const note =
      '<stdin>: Namespace shop lowers the level (netpol-guard.io/enforce: off, netpol-guard.io/warn: off); --ignore-labels judges without such labels';
    expect(await lintNamespaces([namespaceOf('shop', OFF)])).toEqual({
      exit: 0,
      rules: [],
      notes: [note],
      err: `netpol-guard: ${note}\n`,
    });
  });

  it('is judged like any other with --ignore-labels, and nothing is said', async () => {
    expect(await lintNamespaces([namespaceOf('shop', OFF)], { ignoreLabels: true })).toEqual({
      exit: 1,
      rules: ['dns-open-to-anywhere'],
      notes: [],
      err: '',
    });
  });

  it('is one note, however many there are', async () => {
    const many = Array.from({ length: 50 }, (_, i) => namespaceOf(`n${i}`, { 'netpol-guard.io/enforce': 'off' }));
    const { notes } = await lintNamespaces(many);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^<stdin>: Namespace n0 lowers .*, as do 49 more; /);
  });

  it.each<[string, Readonly<Record<string, string>>, Level, boolean]>([
    ['off where strict is usual', { 'netpol-guard.io/enforce': 'off' }, 'strict', true],
    ['standard where strict is usual', { 'netpol-guard.io/enforce': 'standard' }, 'strict', true],
    ['standard where standard is usual', { 'netpol-guard.io/enforce': 'standard' }, 'standard', false],
    ['strict where standard is usual', { 'netpol-guard.io/enforce': 'strict' }, 'standard', false],
    ['fewer warnings', { 'netpol-guard.io/warn': 'standard' }, 'standard', true],
    ['fewer audits, which lint never shows', { 'netpol-guard.io/audit': 'off' }, 'standard', false],
    ['no level at all', { 'netpol-guard.io/baseline': 'none' }, 'standard', false],
  ])('%s', async (_, labels, level, lowers) => {
    const { notes } = await lintNamespaces([namespaceOf('shop', labels)], { level });
    expect(notes.length > 0).toBe(lowers);
  });
});

it('--ignore-labels leaves a level out that is higher than the usual, too: the flag alone counts', async () => {
  const strict = namespaceOf('shop', { 'netpol-guard.io/enforce': 'strict' });
  const spec = ALLOW_DNS.replace('{matchLabels: {kubernetes.io/metadata.name: kube-system}}', '{}');
  const exitOf = (ignoreLabels: boolean) => {
    const io = testIo([strict, policyYaml('open', 'shop', spec)].join('\n---\n'));
    return lint({ paths: ['-'], namespace: 'default', format: 'json', version: '', ignoreLabels }, io);
  };
  expect([await exitOf(false), await exitOf(true)]).toEqual([1, 0]);
});
