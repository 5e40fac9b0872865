import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the format step with a formatter that prints this and ends so. */
function checkWith(output: string, status: number) {
  writeFileSync(join(folder, 'biome'), `#!/bin/sh\necho '${output}'\nexit ${status}\n`);
  chmodSync(join(folder, 'biome'), 0o755);
  return spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/check.ts'), 'format'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  });
}

describe('npm run check', () => {
  it('passes where the tool looked at files and is content', () => {
    const { status, stdout } = checkWith('Checked 12 files in 3ms.', 0);
    expect(stdout).toContain('check: 1 of 1 steps passed');
    expect(status).toBe(0);
  });

  it('fails where the tool looked at nothing, and is content', () => {
    const { status, stderr } = checkWith('Checked 0 files in 3ms.', 0);
    expect(stderr).toContain('check: format: it looked at nothing');
    expect(status).toBe(1);
  });

  it('fails where the tool does', () => {
    const { status, stderr } = checkWith('Checked 12 files in 3ms.', 3);
    expect(stderr).toContain('check: format: exit status 3');
    expect(status).toBe(1);
  });

  it('knows no other steps than it has', () => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/check.ts'), 'spelling'], {
      encoding: 'utf8',
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('no step spelling; there are format, lint, types, knip, unit, docs');
  });
});
