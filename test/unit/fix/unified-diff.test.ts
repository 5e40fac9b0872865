import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/fix/unified-diff.ts';

const line = fc.constantFrom('a', 'b', 'c', '- port: 53', '', '  to:', 'd\r');
const text = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
  .map(([lines, isEnded]) =>
    isEnded && lines.length > 0 ? `${lines.join('\n')}\n` : lines.join('\n').replace(/\r$/, ''),
  );

/** patched is what git makes of a text by a diff. */
function patched(before: string, diff: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-diff-'));
  try {
    writeFileSync(join(folder, 'a.yaml'), before);
    const options = { cwd: folder, input: diff, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('git', ['apply', '-p0', '--unidiff-zero', '--whitespace=nowarn'], options);
    expect(`${stderr}${diff}`, `${status}`).toBe(diff);
    return readFileSync(join(folder, 'a.yaml'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('git makes the later text of the earlier one by it', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== '' && after !== '');
      expect(patched(before, unifiedDiff('a.yaml', before, after))).toBe(after);
    }),
    { numRuns: 60 },
  );
});

test('shows a change with three lines around it, and says where there is no last line break', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14'].join('\n');
  const after = before.replace('5\n', '5a\n5b\n').replace('14', 'last\n');
  expect(unifiedDiff('a.yaml', before, after)).toBe(`--- a.yaml
+++ a.yaml
@@ -2,7 +2,8 @@
 2
 3
 4
-5
+5a
+5b
 6
 7
 8
@@ -11,4 +12,4 @@
 11
 12
 13
-14
\\ No newline at end of file
+last
`);
  expect(unifiedDiff('a.yaml', 'a\n', 'a\n')).toBe('');
});

test('thousands of changes take no more than a moment', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  const before = `${lines.join('\n')}\n`;
  const after = `${lines.map((one, i) => (i % 4 === 0 ? `${one}\nadded` : one)).join('\n')}\n`;
  const diff = unifiedDiff('a.yaml', before, after);
  expect(diff.match(/^\+added$/gm)).toHaveLength(5000);
  expect(diff.match(/^-/gm)).toHaveLength(1);
});

test('says nothing to a terminal or a runner', () => {
  const diff = unifiedDiff('::error::a.yaml', '::error::b\n\u001b[31m\n', '::error::b\r\n\u001b[31m\nc\n');
  expect(diff).not.toMatch(/\u001b|^\S? *::/m);
  expect(diff).toContain('./::error::a.yaml');
});
