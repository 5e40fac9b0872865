import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/policy/rules/index.ts';
import { circles } from './circles.ts';
import { NAMES_RULES, violations } from './house-rules.ts';
import { ROOMS } from './rooms.ts';
import { SRC, sourceFiles } from './source-files.ts';

describe('the house', () => {
  const files = sourceFiles();

  it('has files in the rooms that the engine and its doors need', () => {
    const rooms = new Set([...files.keys()].map((path) => path.split('/')[0]));
    expect([...rooms]).toEqual(
      expect.arrayContaining(['sets', 'policy', 'config', 'admission', 'tls', 'cluster', 'commands', 'cli']),
    );
    expect(files.size).toBeGreaterThan(50);
  });

  it('has main.ts alone beside its rooms', () => {
    expect([...files.keys()].filter((path) => !path.includes('/'))).toEqual(['main.ts']);
  });

  it('has files in every room of the table', () => {
    expect(Object.keys(ROOMS).filter((room) => ![...files.keys()].some((path) => path.startsWith(`${room}/`)))).toEqual(
      [],
    );
  });

  it('keeps its rules', () => {
    expect(violations(files)).toEqual([]);
  });

  it('has a rule by the name of each file in policy/rules, and names in no other place but those that are listed', () => {
    const inRules = [...files.keys()].filter((path) => path.startsWith('policy/rules/') && !path.endsWith('/index.ts'));
    expect(inRules.toSorted()).toEqual(RULES.map(({ id }) => `policy/rules/${id}.ts`));
    for (const path of NAMES_RULES.keys()) {
      expect(RULES.filter(({ id }) => files.get(path)?.includes(id))).not.toEqual([]);
    }
  });

  it('holds nothing but TypeScript', () => {
    expect([...files.keys()].filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });
});

describe('the house of tests', () => {
  const TEST = join(import.meta.dirname, '..');
  const entries = (folder: string) => readdirSync(folder, { withFileTypes: true });

  it('has a room for every file', () => {
    const loose = entries(TEST).filter(({ name }) => name.endsWith('.ts'));
    expect(loose.map(({ name }) => name)).toEqual([]);
  });

  it('mirrors src/ in test/unit/', () => {
    const rooms = entries(join(TEST, 'unit')).map(({ name }) => name);
    const sources = entries(SRC).map(({ name }) => name);
    expect(rooms.length).toBeGreaterThan(10);
    expect(rooms.filter((room) => !sources.includes(room))).toEqual([]);
  });
});

describe('the rules', () => {
  const faultsOf = (path: string, text: string, others: readonly string[] = []) =>
    violations(new Map([[path, text], ...others.map((other) => [other, 'export {};'] as const)]));

  it('see that there is nothing to see', () => {
    expect(violations(new Map())).toEqual(['src: no files seen']);
  });

  it.each([
    ['a static import', "import { a } from '../admission/review/a.ts';"],
    ['an import for its effect', "import '../admission/review/a.ts';"],
    ['a type import', "import type { A } from '../admission/review/a.ts';"],
    ['an inline type import', "type A = import('../admission/review/a.ts').A;"],
    ['a dynamic import', "await import('../admission/review/a.ts');"],
    ['an export from', "export { a } from '../admission/review/a.ts';"],
    ['an export of everything', "export * from '../admission/review/a.ts';"],
    ['a require', "require('../admission/review/a.ts');"],
  ])('see %s across a wall', (_, text) => {
    const [fault, ...more] = faultsOf('policy/rule.ts', text, ['admission/review/a.ts']);
    expect(fault).toContain('policy/rule.ts: imports ../admission/review/a.ts');
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
    ['the terminal', 'admission/server/a.ts', "console.log('x');", 'uses console'],
    ['the clock', 'policy/a.ts', 'Date.now();', 'uses Date.now'],
    ['the clock in an object', 'sets/a.ts', 'new Date();', 'uses new Date()'],
    ['a variable of a module', 'policy/dns/a.ts', 'let made = 0;', 'keeps made in the module'],
    ['an exported one', 'controller/a.ts', '/** Documented. */ export let made = 0;', 'keeps made in the module'],
    [
      'a cache of a module',
      'policy/gaps/a.ts',
      'const known = new WeakMap<object, string>();',
      'keeps known in the module',
    ],
    ['a cache of a module by key', 'admission/server/a.ts', 'const known = new Map();', 'keeps known in the module'],
    ['an export without a docstring', 'sets/a.ts', '/* a */ export const a = 1;', 'exports a without a docstring'],
    [
      'a function without one',
      'cli/a.ts',
      '/** b */ const b = 1;\nexport function a() {}',
      'exports a without a docstring',
    ],
    ['chance', 'policy/rules/a.ts', "Math['random']();", 'uses Math.random'],
    ['a file beside rooms that are all inside', 'admission/a.ts', '', 'in no known room'],
  ])('see %s', (_, path, text, fault) => {
    expect(faultsOf(path, text)).toEqual([`${path}: ${fault}`]);
  });

  it.each([
    ['policy/model/a.ts', '../dns/b.ts'],
    ['policy/dns/a.ts', '../situation/b.ts'],
    ['policy/gaps/a.ts', '../openings/b.ts'],
    ['policy/gaps/a.ts', '../rules/b.ts'],
    ['policy/rules/a.ts', '../evaluate.ts'],
    ['cluster/api/a.ts', '../watch/b.ts'],
    ['cluster/caches/a.ts', '../cluster.ts'],
    ['admission/review/a.ts', '../server/b.ts'],
    ['manifests/text/a.ts', '../files/b.ts'],
    ['commands/serve/a.ts', '../serve.ts'],
  ])('see %s import a floor above its own, %s', (path, specifier) => {
    const target = join(path, '..', specifier);
    expect(faultsOf(path, `import '${specifier}';`, [target])).toEqual([`${path}: imports ${specifier}`]);
    // Downstairs it may.
    if (specifier.startsWith('../'))
      expect(faultsOf(target, `import './${relative(join(target, '..'), path)}';`, [path])).toEqual([]);
  });

  it.each([
    ['controller/a.ts', "import { Client } from '../cluster/api/client.ts';"],
    ['controller/a.ts', "import type { Client } from '../cluster/api/client.ts';"],
    ['commands/a.ts', "await import('../cluster/api/client.ts');"],
    ['commands/serve/a.ts', "export * from '../../cluster/api/client.ts';"],
    ['commands/a.ts', "import '../cluster/connection.ts';"],
  ])('see %s enter a room by another way than its door: %s', (path, text) => {
    const specifier = /'(.*)'/.exec(text)?.[1] ?? '';
    const [fault, ...more] = faultsOf(path, text, [join(path, '..', specifier)]);
    expect(fault).toContain(`${path}: imports ${specifier}`);
    expect(more).toEqual([]);
    expect(faultsOf(path, text.replace(/cluster\/.*\.ts/, 'cluster/cluster.ts'), ['cluster/cluster.ts'])).toEqual([]);
  });

  it('see folders that import each other in a circle, within a room and across many', () => {
    const within = new Map([
      ['policy/dns/a.ts', "import './ways/b.ts';"],
      ['policy/dns/ways/b.ts', "import type { A } from '../a.ts';"],
    ]);
    expect(violations(within)).toEqual([
      'folders in a circle: policy/dns, policy/dns/ways',
      'files in a circle: policy/dns/a.ts, policy/dns/ways/b.ts',
    ]);
    const across = ['a/1.ts b/1.ts', 'b/2.ts c/1.ts', 'c/2.ts a/2.ts', 'c/3.ts d/1.ts', 'd/2.ts d/3.ts'].map(
      (arrow) => {
        const [from = '', to = ''] = arrow.split(' ');
        return { from, to };
      },
    );
    expect(circles(across)).toEqual(['folders in a circle: a, b, c']);
    expect(circles(across.slice(1))).toEqual([]);
  });

  it.each([
    ['in quotes', "/** Documented. */ export const rules = ['dns-blocked'];"],
    ['in a template', '/** Documented. */ export const said = (text: string) => `${text} [dns-blocked]`;'],
    ['as a key', "/** Documented. */ export const levels = { 'dns-blocked': 1 };"],
    ['in a type', "/** Documented. */ export type Rule = 'dns-blocked';"],
  ])('see a rule that is named outside of policy/rules, %s', (_, text) => {
    const rule = 'policy/rules/dns-blocked.ts';
    expect(faultsOf('controller/a.ts', text, [rule])).toEqual(['controller/a.ts: names the rule dns-blocked']);
    expect(faultsOf(rule, text)).toEqual([]);
    for (const other of [
      "const word = 'dns-blocked-by-hand';",
      '/** `dns-blocked` says so. */ export const a = 1;',
      "import '../policy/rules/dns-blocked.ts';",
    ]) {
      expect(faultsOf('controller/a.ts', other, [rule])).toEqual([]);
    }
  });

  it('see a room that imports a root file', () => {
    expect(faultsOf('cli/a.ts', "import '../main.ts';", ['main.ts'])).toEqual(['cli/a.ts: imports ../main.ts']);
  });

  it('let pass what the table allows', () => {
    const allowed = new Map([
      [
        'sets/a.ts',
        '/** Documented. */ export const a = new Date(0); const b = new Set([1]); class C { readonly d = new Map(); }',
      ],
      [
        'policy/model/b.ts',
        "import { a } from '../../sets/a.ts'; import type { V1Pod } from '@kubernetes/client-node';",
      ],
      ['policy/rules/c.ts', "import '../model/b.ts';"],
      ['cli/d.ts', "import 'node:util'; console.log(process.env['HOME']);"],
      ['commands/e.ts', "import '../cli/d.ts'; import '../policy/rules/c.ts'; import 'yaml'; import 'node:fs';"],
      ['main.ts', "import './cli/d.ts'; import './commands/e.ts';"],
    ]);
    expect(violations(allowed)).toEqual([]);
  });

  it('refuse what cannot be parsed', () => {
    expect(() => faultsOf('sets/a.ts', 'import {')).toThrow(/sets\/a\.ts/);
  });
});
