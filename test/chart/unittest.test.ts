import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { build } from '../../programs/build.ts';
import { CHART } from './helm.ts';

const program = join(await build('helm-unittest'), 'helm-unittest');
const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-chart-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]) => spawnSync(program, ['--strict', ...args, CHART], { encoding: 'utf8' });

describe('helm-unittest', () => {
  it('passes every suite of the chart', () => {
    const { status, stdout } = run();
    expect(stdout).toMatch(/Tests: +[1-9]\d* passed/);
    expect(stdout).toMatch(/Test Suites: +4 passed, 4 total/);
    expect(status).toBe(0);
  });

  it('would see a chart that is wrong', () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'replicas: 2\nsecurityContext: {readOnlyRootFilesystem: false}\n');
    const { status, stdout } = run('--values', wrong);
    expect(status).toBe(1);
    expect(stdout).toMatch(/Tests: +2 failed/);
  });
});
