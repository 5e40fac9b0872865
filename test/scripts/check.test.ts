import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs one step on the files of the folder, with a tool that prints this and ends so. */
function checkWith(output: string, status: number, step = 'format', tool = 'biome') {
  writeFileSync(join(folder, tool), `#!/bin/sh\necho '${output}'\nexit ${status}\n`);
  chmodSync(join(folder, tool), 0o755);
  return spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/check.ts'), step], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  });
}

const bodyOf = (lines: number) => `{${'\n'.repeat(lines - 1)}}`;

const functionOf = (lines: number, name: string) => `export function ${name}() ${bodyOf(lines)}\n`;

describe('npm run check', () => {
  it('passes where the tool looked at files and is content', () => {
    const { status, stdout } = checkWith('Checked 12 files in 3ms.', 0);
    expect(stdout).toContain('check: 1 of 1 steps passed');
    expect(status).toBe(0);
  });

  it('fails where the tool looked at nothing, and is content', () => {
    const { status, stderr } = checkWith('Checked 0 files in 3ms.', 0);
    expect(stderr).toContain('check: format: it checked nothing');
    expect(status).toBe(1);
  });

  it('fails where the tool does', () => {
    const { status, stderr } = checkWith('Checked 12 files in 3ms.', 3);
    expect(stderr).toContain('check: format: exit status 3');
    expect(status).toBe(1);
  });

  it('lists the functions of src and test that are longer than 60 lines, and refuses none of them', () => {
    for (const room of ['src/room', 'test']) mkdirSync(join(folder, room), { recursive: true });
    writeFileSync(join(folder, 'src/room/long.ts'), `\n${functionOf(61, 'tooMuch')}\n${functionOf(60, 'enough')}`);
    writeFileSync(join(folder, 'test/longer.test.ts'), `test('ends at last', () => ${bodyOf(62)});\n`);
    const { status, stdout } = checkWith('Finished in 1s on 2 files with 9 rules.', 0, 'lint', 'oxlint');
    expect(stdout).toContain(
      `lint: longer than 60 lines, listed and not refused:
  test/longer.test.ts:1 ends at last (62 lines)
  src/room/long.ts:2 tooMuch (61 lines)
`,
    );
    expect(stdout).not.toContain('enough');
    expect(status).toBe(0);
  });

  it('knows no other steps than it has', () => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/check.ts'), 'spelling'], {
      encoding: 'utf8',
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('no step spelling; the steps are format, lint, types, knip, unit, docs');
  });
});
