import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withRule } from '../../scripts/rule-skeleton.ts';
import { sourceFacts } from '../architecture/source-facts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const INDEX = readFileSync(join(ROOT, 'src/policy/rules/index.ts'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'create-rule-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('npm run create-rule', () => {
  const run = (id: string) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/create-rule.ts'), id], { cwd: folder, encoding: 'utf8' });

  it('makes the rule, its cases and its entry', () => {
    cpSync(join(ROOT, 'src/policy/rules/index.ts'), join(folder, 'src/policy/rules/index.ts'));
    const { status, stdout } = run('dns-open-to-moon');
    expect(status).toBe(0);
    expect(stdout.match(/^wrote /gm)).toHaveLength(4);
    for (const path of ['invalid', 'valid']) {
      expect(existsSync(join(folder, 'test/rules/dns-open-to-moon', path, 'example.yaml'))).toBe(true);
    }
    const rule = readFileSync(join(folder, 'src/policy/rules/dns-open-to-moon.ts'), 'utf8');
    const imports = sourceFacts('dns-open-to-moon.ts', rule).imports.map(({ specifier }) => specifier);
    expect(imports).toHaveLength(1);
    for (const specifier of imports) expect(existsSync(join(ROOT, 'src/policy/rules', specifier))).toBe(true);
    expect(rule).toContain('export const dnsOpenToMoon = defineRule({');
  });

  it('makes nothing twice', () => {
    expect(run('dns-open-to-moon')).toMatchObject({ status: 1 });
  });

  it.each(['', 'DNS', 'dns', '../evil', 'dns-'])('refuses %j for an id', (id) => {
    const { status, stderr } = run(id);
    expect(status).toBe(2);
    expect(stderr).toContain('is not a rule id');
  });
});

describe('the index of rules', () => {
  it.each(['aaa-first', 'dns-open-to-moon', 'zzz-last'])('stays in alphabetical order with %s', (id) => {
    const text = withRule(INDEX, id);
    const files = [...text.matchAll(/from '\.\/([a-z-]+)\.ts'/g)].map(([, name]) => name);
    expect(files).toContain(id);
    expect(files).toEqual([...files].sort());
    const entries = [...text.matchAll(/^ {2}(\w+),$/gm)].map(([, name]) => name);
    expect(entries).toHaveLength(files.length);
    expect(entries).toEqual([...entries].sort());
  });

  it('is refused a rule that it has', () => {
    expect(() => withRule(INDEX, 'dns-blocked')).toThrow('there is a rule dns-blocked already');
  });

  it('is valid TypeScript still', () => {
    expect(sourceFacts('index.ts', withRule(INDEX, 'zzz-last')).imports.length).toBeGreaterThan(14);
  });
});
