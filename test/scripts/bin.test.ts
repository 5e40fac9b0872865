import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).bin['netpol-guard'];

const checkout = mkdtempSync(join(tmpdir(), 'netpol-guard-bin-'));
afterAll(() => rmSync(checkout, { recursive: true }));
cpSync(join(ROOT, COMMAND), join(checkout, COMMAND), { recursive: true });
writeFileSync(join(checkout, 'package.json'), '{"type": "module"}');

function call(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, COMMAND), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('the command is a file that may be executed before anything is built', () => {
  expect(statSync(join(ROOT, COMMAND)).mode & 0o111).toBe(0o111);
  expect(COMMAND.startsWith('dist/')).toBe(false);
});

it('the command says how to build the program, and then is the program', () => {
  expect(call('lint')).toEqual({
    status: 2,
    stdout: '',
    stderr: 'netpol-guard: this checkout has not been built; run npm run build\n',
  });
  mkdirSync(join(checkout, 'dist'));
  const program = 'process.stdout.write(process.argv.slice(2).join()); process.exitCode = 1;';
  writeFileSync(join(checkout, 'dist/netpol-guard.js'), program);
  expect(call('lint', 'deploy/')).toEqual({ status: 1, stdout: 'lint,deploy/', stderr: '' });
});
