import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../scripts/bundle.ts';

/** FieldCase is an input as people have it, with what is expected of the command line in its first lines. */
export interface FieldCase {
  readonly name: string;
  /** Shell commands; `FILE` in them is the case itself. */
  readonly setup: readonly string[];
  readonly commands: readonly string[];
  readonly exitStatus: number;
  /** What is printed, on either stream, by each of the commands. */
  readonly says: readonly string[];
  readonly neverSays: readonly string[];
  readonly text: string;
}

/** readFieldCases reads every case of this folder. Throws where a header does not say what is expected. */
export function readFieldCases(): readonly FieldCase[] {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'));
  return names.map((name) => parseFieldCase(name, readFileSync(join(import.meta.dirname, name), 'utf8')));
}

/** parseFieldCase reads the header of one: comments, of which those behind `Setup:`, `Command:` and `Expected:` are executed. */
export function parseFieldCase(name: string, text: string): FieldCase {
  const header = /^(?:#.*\n)*/.exec(text)?.[0] ?? '';
  const lines = (key: string) =>
    [...header.matchAll(new RegExp(`^# ${key}: (.*)$`, 'gm'))].map(([, rest = '']) => rest);
  const expected = lines('Expected');
  const after = (beginning: string) =>
    expected.filter((line) => line.startsWith(beginning)).map((line) => line.slice(beginning.length));
  const found = {
    name: name.replace(/\.yaml$/, ''),
    setup: lines('Setup'),
    commands: lines('Command'),
    exitStatus: Number(after('exit status ')[0] ?? Number.NaN),
    says: after('says '),
    neverSays: after('never says '),
    text: text.slice(header.length),
  };
  const understood = 1 + found.says.length + found.neverSays.length;
  if (found.commands.length === 0 || Number.isNaN(found.exitStatus) || understood !== expected.length) {
    throw new Error(
      `${name}: write "# Command: ...", "# Expected: exit status N", "# Expected: says ..." or "never says ..."`,
    );
  }
  return found;
}

/** Where text for people is broken at its spaces: a case says what is printed as if it were not. */
const BROKEN_LINE = /(?<=[^\n:|^])\n {2}(?=[A-Za-z"[])/g;

/** Program is netpol-guard, built, with the commands by which cases call it. */
export interface Program {
  /** run runs one command of a case in a folder of its own. */
  run(fieldCase: FieldCase, command: string): { readonly status: number | null; readonly printed: string };
  remove(): void;
}

/** Where the tests run as root, nothing is forbidden to them. The program gives its rights up once it is loaded. */
const LAUNCHER = `if (process.env.AS_NOBODY !== undefined && process.getuid() === 0) process.setuid(65534);
await import('./dist/netpol-guard.js');
`;

/** buildProgram builds it into a temporary folder. */
export async function buildProgram(): Promise<Program> {
  const home = mkdtempSync(join(tmpdir(), 'netpol-guard-field-'));
  chmodSync(home, 0o755);
  await bundle(join(home, 'dist'));
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
  writeFileSync(join(home, 'launcher.js'), LAUNCHER);
  const bin = join(home, 'bin');
  mkdirSync(bin);
  script(join(bin, 'netpol-guard'), `exec '${process.execPath}' '${join(home, 'launcher.js')}' "$@"`);
  script(join(bin, 'as-nobody'), 'export AS_NOBODY=1; exec "$@"');
  let count = 0;
  return {
    run: ({ text, setup }, command) => {
      count += 1;
      const cwd = join(home, `case-${count}`);
      mkdirSync(cwd);
      writeFileSync(join(cwd, 'case.yaml'), text);
      const lines = [...setup, command].map((line) => line.replaceAll('FILE', 'case.yaml'));
      const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
      const { status, stdout, stderr } = spawnSync('bash', ['-c', lines.join('\n')], { cwd, env, encoding: 'utf8' });
      return { status, printed: `${stdout}${stderr}`.replaceAll(BROKEN_LINE, ' ') };
    },
    remove: () => rmSync(home, { recursive: true }),
  };
}

function script(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}
