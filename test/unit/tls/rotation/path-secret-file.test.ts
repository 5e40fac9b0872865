import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadPathSecrets, watchPathSecrets } from '../../../../src/tls/rotation/path-secret-file.ts';
import { hurriedClock } from '../../../harness/clocks.ts';

const [A, B] = ['a'.repeat(32), 'b'.repeat(40)];
let directory = '';
let file = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'path-secrets-'));
  file = join(directory, 'path-secrets');
});
afterEach(() => rm(directory, { recursive: true }));

test.each([
  ['one', A, { secrets: [A], plain: false }],
  ['one with the end of a line', `${A}\n`, { secrets: [A], plain: false }],
  ['two, one of them twice', `${A}\n\n  ${B} \r\n${A}\n`, { secrets: [A, B], plain: false }],
  ['one, and paths without', `${A}\n/\n`, { secrets: [A], plain: true }],
])('a file holds %s', async (_what, text, expected) => {
  await writeFile(file, text);
  expect(await loadPathSecrets(file)).toEqual(expected);
});

test.each([
  ['nothing', '\n', /it holds no secret; give 32 to 63 lower-case letters, digits and hyphens/],
  ['paths without a secret alone', '/', /it holds no secret/],
  ['one that is too short', `${A}\n${'Secret-of-31-'.repeat(2)}\n`, /line 2 is not a secret; give 32 to 63/],
  ['one with capitals', A.toUpperCase(), /line 1 is not a secret/],
])('a file with %s is a clear error that shows nothing of it', async (_what, text, problem) => {
  await writeFile(file, text);
  const error = await loadPathSecrets(file).catch(String);
  expect(error).toMatch(problem);
  expect(error).toContain(`--path-secret-file ${file}: `);
  for (const line of text.split('\n').filter((line) => line.length > 1)) expect(error).not.toContain(line);
});

test('a file that is not there is a clear error', async () => {
  await expect(loadPathSecrets(file)).rejects.toThrow(`--path-secret-file ${file}: ENOENT`);
});

test('other secrets are told of once, and those that are none leave the last ones in use', async () => {
  await writeFile(file, A);
  const observer = { changed: vi.fn(), failed: vi.fn() };
  const stop = watchPathSecrets(file, await loadPathSecrets(file), observer, hurriedClock(1000));
  try {
    await writeFile(file, 'x');
    await vi.waitFor(() => expect(observer.failed).toHaveBeenCalled());
    expect(observer.changed).not.toHaveBeenCalled();
    await writeFile(file, `${B}\n${A}\n`);
    await vi.waitFor(() => expect(observer.changed).toHaveBeenCalled());
    expect(observer.changed.mock.calls).toEqual([[{ secrets: [B, A], plain: false }]]);
  } finally {
    stop();
  }
});
