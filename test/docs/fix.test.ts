import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { helpOf } from '../../src/cli/command.ts';
import { FIX } from '../../src/cli/file-commands.ts';
import { unifiedDiff } from '../../src/fix/unified-diff.ts';
import { fixFiles } from '../unit/fix/fixed.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/fix.md'), 'utf8');

const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';

describe('docs/fix.md', () => {
  it('shows what becomes of its policy', () => {
    const before = block('yaml');
    const { texts, left } = fixFiles({ 'shop.yaml': before });
    expect(unifiedDiff('shop.yaml', before, texts.get('shop.yaml') ?? '')).toBe(block('diff'));
    expect(left).toEqual([]);
  });

  it('names every flag of fix that lint has not got', () => {
    for (const flag of ['--diff', '--strict', '--config', '--namespace']) {
      expect(helpOf(FIX)).toContain(flag);
      expect(page).toContain(flag);
    }
  });
});
