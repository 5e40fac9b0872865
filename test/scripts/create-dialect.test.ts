import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sourceFacts } from '../architecture/source-facts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TABLE = 'src/policy/dialects/dialects.ts';
const folder = mkdtempSync(join(tmpdir(), 'create-dialect-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('npm run create-dialect', () => {
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/create-dialect.ts'), ...args], { cwd: folder, encoding: 'utf8' });
  const TOY = ['toy', 'toy.example/v1', 'ToyPolicy'] as const;
  const FILES = [
    TABLE,
    'src/policy/dialects/toy/dialect.ts',
    'src/policy/dialects/toy/toy-policy.ts',
    'test/unit/policy/dialects/toy/toy-policy.test.ts',
  ];

  it('makes a table, a reader and its test, and an entry', () => {
    cpSync(join(ROOT, TABLE), join(folder, TABLE));
    const { status, stdout } = run(...TOY);
    expect(status).toBe(0);
    expect(stdout.match(/^wrote .*/gm)).toEqual(FILES.map((file) => `wrote ${file}`));
  });

  it('imports what is there, and is TypeScript', () => {
    for (const file of FILES) {
      const { imports } = sourceFacts(file, readFileSync(join(folder, file), 'utf8'));
      const local = imports.map(({ specifier }) => specifier).filter((specifier) => specifier.startsWith('.'));
      const missing = local
        .map((specifier) => join(dirname(file), specifier))
        .filter((path) => !existsSync(join(ROOT, path)) && !existsSync(join(folder, path)));
      expect([file, missing]).toEqual([file, []]);
    }
  });

  it('is served from then on', () => {
    expect(readFileSync(join(folder, TABLE), 'utf8')).toContain(', TOY_API])');
    const table = readFileSync(join(folder, 'src/policy/dialects/toy/dialect.ts'), 'utf8');
    expect(table).toContain("plural: 'toypolicies'");
  });

  it('makes nothing twice', () => {
    expect(run(...TOY)).toMatchObject({ status: 1 });
  });

  it.each([
    [],
    ['toy'],
    ['toy', 'v1', 'ToyPolicy'],
    ['../evil', 'toy.example/v1', 'ToyPolicy'],
    ['toy', 'toy.example/v1', 'toyPolicy'],
  ])('refuses %j %j %j', (...args) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage:');
  });
});
