import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../../src/objects/shell-word.ts';

it.each(['charts/web', 'a b', "it's", '$(touch x)', '`id`', 'a;b', 'a\nb', '*', '~', '!!', '"', '\\', 'ü'])(
  '%j is one word to a shell, and runs nothing',
  (path) => {
    const printed = execFileSync('sh', ['-c', `printf '%s|' ${shellWord(path)}`], { encoding: 'utf8' });
    expect(printed).toBe(`${path}|`);
  },
);

it('what begins like a flag is none', () => {
  expect(shellWord('--post-renderer=x')).toBe('./--post-renderer=x');
});
