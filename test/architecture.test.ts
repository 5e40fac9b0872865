import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOMS, ROOT, violations } from './architecture/house-rules.ts';

const SRC = join(import.meta.dirname, '..', 'src');

function sources(): ReadonlyMap<string, string> {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(SRC, path).split(sep).join('/'), readFileSync(path, 'utf8')];
    }),
  );
}

describe('the house', () => {
  const files = sources();

  it('has files in the rooms that the engine and its doors need', () => {
    const rooms = new Set([...files.keys()].map((path) => path.split('/')[0]));
    expect([...rooms]).toEqual(
      expect.arrayContaining(['sets', 'policy', 'config', 'admission', 'tls', 'cluster', 'cli']),
    );
    expect(files.size).toBeGreaterThan(50);
  });

  it('keeps its rules', () => {
    expect(violations(files)).toEqual([]);
  });

  it('holds nothing but TypeScript', () => {
    expect([...files.keys()].filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });
});

describe('the rules', () => {
  const faultsOf = (path: string, text: string, others: readonly string[] = []) =>
    violations(new Map([[path, text], ...others.map((other) => [other, 'export {};'] as const)]));

  it('see that there is nothing to see', () => {
    expect(violations(new Map())).toEqual(['src: no files seen']);
  });

  it.each([
    ['a static import', "import { a } from '../admission/a.ts';"],
    ['an import for its effect', "import '../admission/a.ts';"],
    ['a type import', "import type { A } from '../admission/a.ts';"],
    ['an inline type import', "let a: import('../admission/a.ts').A;"],
    ['a dynamic import', "await import('../admission/a.ts');"],
    ['an export from', "export { a } from '../admission/a.ts';"],
    ['an export of everything', "export * from '../admission/a.ts';"],
    ['a require', "require('../admission/a.ts');"],
  ])('see %s across a wall', (_, text) => {
    const [fault, ...more] = faultsOf('policy/rule.ts', text, ['admission/a.ts']);
    expect(fault).toContain('policy/rule.ts: imports ../admission/a.ts');
    expect(more).toEqual([]);
  });

  it.each([
    ['a package', 'policy/a.ts', "import ajv from 'ajv';", 'imports ajv'],
    [
      'a value of a package of which types alone are allowed',
      'policy/a.ts',
      "import { KubeConfig } from '@kubernetes/client-node';",
      'imports @kubernetes/client-node',
    ],
    ['part of a package', 'sets/a.ts', "import 'yaml/util';", 'imports yaml/util'],
    ['a module of Node', 'sets/a.ts', "import fs from 'node:fs';", 'imports node:fs'],
    ['a name put together at run time', 'cli/a.ts', 'await import(`./${x}.ts`);', 'imports (computed)'],
    ['a file that is not there', 'cli/a.ts', "import './b.js';", 'imports ./b.js, which is no file of src'],
    ['a way out of src', 'cli/a.ts', "import '../../test/a.ts';", 'imports ../../test/a.ts, which is no file of src'],
    ['an unknown room', 'attic/a.ts', '', 'in no known room'],
    ['a room by the name of a prototype', 'constructor/a.ts', '', 'in no known room'],
    ['a file in no room', 'stray.ts', '', 'in no known room'],
    ['a drawer', 'policy/utils/a.ts', '', 'named utils'],
    ['a drawer in one file', 'cli/types.ts', '', 'named types'],
    ['a long file', 'cli/a.ts', '\n'.repeat(301), '301 lines'],
    ['the environment', 'config/a.ts', "process.env['HOME'];", 'uses process.env'],
    ['the environment by another name', 'config/a.ts', "globalThis.process.env['HOME'];", 'uses globalThis.process'],
    ['the terminal', 'admission/a.ts', "console.log('x');", 'uses console'],
    ['the clock', 'policy/a.ts', 'Date.now();', 'uses Date.now'],
    ['the clock in an object', 'sets/a.ts', 'new Date();', 'uses new Date()'],
    ['chance', 'policy/a.ts', "Math['random']();", 'uses Math.random'],
  ])('see %s', (_, path, text, fault) => {
    expect(faultsOf(path, text)).toEqual([`${path}: ${fault}`]);
  });

  it('see a room that imports a root file', () => {
    expect(faultsOf('cli/a.ts', "import '../main.ts';", ['main.ts'])).toEqual(['cli/a.ts: imports ../main.ts']);
  });

  it('let pass what the table allows', () => {
    const allowed = new Map([
      ['sets/a.ts', 'export const a = new Date(0);'],
      ['policy/b.ts', "import { a } from '../sets/a.ts'; import type { V1Pod } from '@kubernetes/client-node';"],
      ['policy/rules/c.ts', "import '../b.ts';"],
      ['cli/d.ts', "import '../policy/b.ts'; import 'yaml'; import 'node:fs'; console.log(process.env['HOME']);"],
      ['main.ts', "import './cli/d.ts'; import './policy/rules/c.ts';"],
    ]);
    expect(violations(allowed)).toEqual([]);
  });

  it('refuse what cannot be parsed', () => {
    expect(() => faultsOf('sets/a.ts', 'import {')).toThrow(/sets\/a\.ts/);
  });

  it('know every room once', () => {
    expect(Object.keys(ROOMS)).toEqual([
      'sets',
      'policy',
      'admission-policies',
      'config',
      'admission',
      'tls',
      'cluster',
      'baseline',
      'cli',
    ]);
    expect(Object.keys(ROOT)).toContain('main.ts');
  });
});
