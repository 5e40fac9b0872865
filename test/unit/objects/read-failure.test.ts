import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFailure } from '../../../src/objects/read-failure.ts';

it.each([
  [join(tmpdir(), 'netpol-guard-is-not-here'), 'there is no such file'],
  [tmpdir(), 'is a folder; name the file in it'],
  ['a\0b', /^cannot be read: .*null bytes/],
])('%j', (path, reason) => {
  let error: unknown;
  try {
    readFileSync(path);
  } catch (thrown) {
    error = thrown;
  }
  expect(readFailure(error)).toMatch(reason);
});
