import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLiveSettings } from '../../../../src/commands/serve/live-settings.ts';
import { VirtualClock } from '../../../harness/virtual-time.ts';
import { TestLogger } from '../../cluster/world.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Settings from a file that enforces the standard, on a clock that stands still until it is told. */
async function open() {
  const file = join(folder, 'guard.yaml');
  await writeFile(file, 'enforce: standard');
  const clock = new VirtualClock();
  const reloaded: string[] = [];
  const metrics = { reloaded: (outcome: string) => void reloaded.push(outcome), policiesOutdated: () => {} };
  const live = await openLiveSettings({ file, env: {}, clock, metrics, log: new TestLogger() });
  return { file, clock, reloaded, live, enforce: () => live.settings().modes.enforce };
}

test('a changed configuration is in force within ten seconds', async () => {
  const { file, clock, live, enforce } = await open();
  await writeFile(file, 'enforce: strict');
  await clock.advance(9999);
  expect(enforce()).toBe('standard');
  await clock.advance(1);
  await vi.waitFor(() => expect(enforce()).toBe('strict'));
  live.stop();
});

test('a bad one leaves the last in force, and is told of once', async () => {
  const { file, clock, reloaded, live, enforce } = await open();
  const told: string[] = [];
  live.onRefused((problem) => told.push(problem));
  await writeFile(file, 'enforce: stirct');
  await clock.advance(10_000);
  await vi.waitFor(() => expect(told).toHaveLength(1));
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(10_000);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  expect([told.length, reloaded, enforce()]).toEqual([1, ['refused'], 'standard']);
  live.stop();
});

test('once stopped, nothing is looked at any more', async () => {
  const { file, clock, live, enforce } = await open();
  live.stop();
  await writeFile(file, 'enforce: strict');
  await clock.advance(60_000);
  expect([clock.sleeping, enforce()]).toEqual([0, 'standard']);
});
