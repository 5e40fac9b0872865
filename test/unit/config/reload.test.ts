import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/config/problem.ts';
import { type ConfigurationObserver, ConfigurationWatcher } from '../../../src/config/reload.ts';

let folder = '';
let heard: string[] = [];
const observer: ConfigurationObserver = {
  reloaded: ({ settings }) => heard.push(`reloaded: ${settings.modes.enforce}`),
  refused: ({ message }) => heard.push(`refused: ${message.replaceAll(folder, '')}`),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
  heard = [];
});
afterEach(() => rm(folder, { recursive: true }));

describe('ConfigurationWatcher', () => {
  it('puts a changed file in force, and tells it once', async () => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, 'enforce: standard');
    const watcher = await ConfigurationWatcher.open(file, observer);
    await watcher.check();
    expect(heard).toEqual([]);
    await writeFile(file, 'enforce: strict');
    await watcher.check();
    await watcher.check();
    expect(heard).toEqual(['reloaded: strict']);
    expect(watcher.current.settings.modes.enforce).toBe('strict');
  });

  it('keeps the last good one where the new one is bad, and says when it is good again', async () => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, 'enforce: strict');
    const watcher = await ConfigurationWatcher.open(file, observer);
    await writeFile(file, 'enforce: stirct');
    await watcher.check();
    await watcher.check();
    expect(watcher.current.settings.modes.enforce).toBe('strict');
    await writeFile(file, 'enforce: strict');
    await watcher.check();
    expect(heard).toEqual([
      'refused: /guard.yaml:1:1: enforce: "stirct" is unknown; did you mean strict?',
      'reloaded: strict',
    ]);
  });

  it('keeps the last good one where the file is emptied or gone', async () => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, 'enforce: strict');
    const watcher = await ConfigurationWatcher.open(file, observer);
    await writeFile(file, '');
    await watcher.check();
    await rm(file);
    await watcher.check();
    await watcher.check();
    expect(heard).toHaveLength(2);
    expect(heard[0]).toContain('is empty');
    expect(heard[1]).toContain('there is no such file');
    expect(watcher.current.settings.modes.enforce).toBe('strict');
  });

  it('follows a ConfigMap, whose mount swaps a symbolic link', async () => {
    const put = async (version: string, text: string) => {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'guard.yaml'), text);
      await symlink(version, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await put('..1', 'enforce: standard');
    await symlink('..data/guard.yaml', join(folder, 'guard.yaml'));
    const watcher = await ConfigurationWatcher.open(join(folder, 'guard.yaml'), observer);
    await put('..2', 'enforce: strict');
    await watcher.check();
    expect(heard).toEqual(['reloaded: strict']);
  });

  it('does not start on a bad file', async () => {
    const file = join(folder, 'guard.yaml');
    await writeFile(file, 'enforce: hard');
    await expect(ConfigurationWatcher.open(file, observer)).rejects.toThrow(ConfigurationError);
  });
});
