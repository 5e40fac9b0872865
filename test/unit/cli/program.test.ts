import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundle } from '../../../scripts/bundle.ts';
import { RULE_PAGES } from '../../../src/report/rule-pages.ts';
import { obeyed } from './runner.ts';
import { DENY_ALL, OPEN_DNS, type PrintedReport, policyYaml } from './setup.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
// Each test starts a program, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-program-'));

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  await bundle(join(folder, 'dist'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** npm puts the pinned Node first on PATH; behind it stands the one that the machine came with, from 20 on. */
function plainNode(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.includes('node_modules'));
  for (const path of folders) {
    try {
      accessSync(join(path, 'node'), constants.X_OK);
      return join(path, 'node');
    } catch {}
  }
  return process.execPath;
}

function run(args: readonly string[], { node = plainNode(), input = '', env = {}, cwd = ROOT } = {}) {
  const { status, stdout, stderr } = spawnSync(node, [join(folder, 'dist', 'netpol-guard.js'), ...args], {
    cwd,
    encoding: 'utf8',
    input,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return { status, stdout, stderr };
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

describe('the program, bundled, on the Node that the machine has', () => {
  it('prints its version', () => {
    expect(run(['version'])).toEqual({ status: 0, stdout: `netpol-guard ${version}\n`, stderr: '' });
    expect(run(['--version']).stdout).toBe(`netpol-guard ${version}\n`);
  });

  it('lints the good examples and finds nothing', () => {
    expect(run(['lint', '--level', 'strict', 'examples/shop'])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['lint', '--level', 'strict', 'examples/shop']).stdout).toMatch(/^clean: /);
  });

  it('lints the bad examples and finds each', () => {
    const { status, stdout } = run(['lint', '--format', 'json', 'examples/bad']);
    expect(status).toBe(1);
    const { findings } = JSON.parse(stdout) as PrintedReport;
    const withErrors = findings.filter(({ severity }) => severity === 'error');
    const files = new Set(withErrors.map(({ file }) => file));
    expect([...files]).toEqual(readdirSync(join(ROOT, 'examples', 'bad')).map((name) => join('examples', 'bad', name)));
  });

  it('fixes what is certain and lints the rest, on stdout and in one status', () => {
    const cwd = join(folder, 'fixed');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'web.yaml'), policyYaml('web', 'shop', OPEN_DNS));
    writeFileSync(join(cwd, 'deny.yaml'), policyYaml('deny', 'pay', DENY_ALL));
    const diff = run(['lint', '--fix', '--diff', '.'], { cwd });
    expect(diff.status).toBe(1);
    expect(diff.stdout).toMatch(/^--- web\.yaml\n\+\+\+ web\.yaml\n@@ /);
    const { status, stdout, stderr } = run(['lint', '--fix', '--format', 'json', '.'], { cwd });
    expect(status).toBe(1);
    expect((JSON.parse(stdout) as PrintedReport).findings).toMatchObject([{ rule: 'dns-blocked', file: 'deny.yaml' }]);
    expect(stderr).toMatch(/^netpol-guard: fixed shop\/web: .*\nnetpol-guard: assuming .*\n$/);
    expect(run(['lint', '--fix', 'web.yaml'], { cwd })).toMatchObject({ status: 0, stderr: '' });
    const filtered = run(['fix', '-'], { input: '# nothing of ours\na:   b' });
    expect(filtered).toEqual({ status: 0, stdout: '# nothing of ours\na:   b', stderr: '' });
  });

  it('judges what kubectl would apply through a link, and gives a pipeline no command by a name', () => {
    const cwd = join(folder, 'linked');
    mkdirSync(join(cwd, 'deploy'), { recursive: true });
    writeFileSync(join(cwd, 'policy.txt'), policyYaml('deny', 'shop', DENY_ALL));
    symlinkSync('../policy.txt', join(cwd, 'deploy', '::stop-commands::x.yaml'));
    const { status, stdout, stderr } = run(['lint', '.'], { cwd: join(cwd, 'deploy') });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(
      /^\.\/::stop-commands::x\.yaml:6:1: error: NetworkPolicy shop\/deny cuts every pod off from DNS \[dns-blocked\]\n/,
    );
    expect(stdout).not.toContain(' | ');
    const wrong = run(['lint', '\n::stop-commands::x', '--frmat\n::error::x'], { cwd });
    expect(wrong.status).toBe(2);
    expect(obeyed(wrong.stderr)).toEqual([]);
  });

  // TypeScript checks against what the pinned Node knows; only running it shows what an older one lacks.
  it('says of every page and its examples what the pinned Node says', () => {
    const pages = join(folder, 'pages');
    mkdirSync(pages);
    for (const { id, docs } of RULE_PAGES) {
      writeFileSync(join(pages, `${id}-bad.yaml`), docs.bad);
      writeFileSync(join(pages, `${id}-good.yaml`), docs.good);
    }
    for (const format of ['text', 'json', 'sarif', 'github']) {
      const outcome = run(['lint', '--level', 'strict', '--format', format, pages]);
      expect(outcome).toEqual(
        run(['lint', '--level', 'strict', '--format', format, pages], { node: process.execPath }),
      );
      expect([outcome.status, outcome.stderr]).toEqual([1, '']);
    }
  });

  it('reads standard input', () => {
    expect(run(['lint', '-'], { input: policyYaml('in', 'shop', '  podSelector: {}') })).toMatchObject({ status: 0 });
    expect(run(['lint', '-'], { input: 'a: [' })).toMatchObject({ status: 2 });
  });

  it('explains a rule', () => {
    expect(run(['explain', 'dns-blocked']).stdout).toMatch(/^# dns-blocked\n/);
  });

  it.each([
    [[], 2, /Commands:/, /^$/],
    [['--help'], 0, /Commands:/, /^$/],
    [['lint', '--help'], 0, /^netpol-guard lint: /, /^$/],
    [['serve', '--help'], 0, /--standalone/, /^$/],
    [['lnit'], 2, /^$/, /^netpol-guard: unknown command "lnit"; did you mean lint\?/],
    [['baseline', '-n', 'shop'], 0, /\n {2}namespace: shop\n/, /^netpol-guard: assuming cluster DNS is kube-dns; /],
    [['baseline', '--template', 'closed'], 2, /^$/, /there is no template "closed"; known: default-deny, /],
    [['lint', '--levle', 'strict', 'x'], 2, /^$/, /unknown flag --levle; did you mean --level\?/],
    [['lint', 'no-such-file.yaml'], 2, /^$/, /^netpol-guard: no-such-file\.yaml: no such file or folder\n$/],
    [
      ['lint', '--config', 'no-such-file.yaml', 'examples'],
      2,
      /^$/,
      /^netpol-guard: no-such-file\.yaml: there is no such file\n$/,
    ],
    [
      ['config', 'check', 'examples/shop'],
      2,
      /^$/,
      /^netpol-guard: examples\/shop: is a folder; name the file in it\n$/,
    ],
    [['config', '--help'], 0, /^netpol-guard config check: /, /^$/],
    [['explain', 'zebra'], 2, /^$/, /there is no rule "zebra"/],
  ])('%j', (args, status, stdout, stderr) => {
    const outcome = run(args);
    expect(outcome.stdout).toMatch(stdout);
    expect(outcome.stderr).toMatch(stderr);
    expect(outcome.status).toBe(status);
  });

  it('does not mind a reader that leaves', () => {
    const complaints = join(folder, 'stderr');
    const policies = Array.from({ length: 300 }, (_, i) => policyYaml(`deny-${i}`, `team-${i}`, DENY_ALL));
    const script = '"$0" "$1" lint - 2>"$2" | head -n 1';
    const program = join(folder, 'dist', 'netpol-guard.js');
    const options = { encoding: 'utf8', input: policies.join('---\n') } as const;
    const { stdout } = spawnSync('sh', ['-c', script, plainNode(), program, complaints], options);
    expect(stdout).toMatch(/^<stdin>:6:1: error: [^\n]*\n$/);
    expect(readFileSync(complaints, 'utf8')).toBe('');
  });

  it.each(['lint', 'baseline'])('loads neither web server nor cluster client for %s', (command) => {
    const dist = join(folder, 'dist');
    const entry = readdirSync(dist).find((name) => name.startsWith(`${command}-`));
    const seen = new Set<string>();
    const visit = (name: string): string => {
      if (seen.has(name)) return '';
      seen.add(name);
      const text = readFileSync(join(dist, name), 'utf8');
      return text + [...text.matchAll(/from "\.\/([^"]+)"/g)].map(([, next]) => visit(next ?? '')).join('');
    };
    const loaded = visit(entry ?? '');
    expect(loaded).toContain('node_modules/yaml/');
    for (const heavy of ['fastify', '@kubernetes/client-node', 'undici', 'pino', 'prom-client']) {
      expect(loaded).not.toContain(`node_modules/${heavy}/`);
    }
  });
});

describe('on an old Node', () => {
  const old = (command: string) =>
    `Object.defineProperty(process.versions, 'node', {value: '20.20.2'}); process.argv[2] = '${command}'; await import('${join(folder, 'dist', 'netpol-guard.js')}')`;

  it.each(['serve', 'scan'])('%s says in one sentence what it needs', (command) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', old(command), 'x', command],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(
      new RegExp(`^netpol-guard: ${command} needs Node 22\\.19 or later and this is 20\\.20\\.2; .*\n$`),
    );
    expect([status, stdout]).toEqual([2, '']);
  });

  it('baseline says so where it shall ask a cluster', () => {
    const code = old('baseline').replace('; await', "; process.argv.push('--context', 'test'); await");
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code, 'x', 'baseline'], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^netpol-guard: baseline needs Node 22\.19 or later/);
    expect(status).toBe(2);
  });
});
