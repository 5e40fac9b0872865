import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Bytes of the space for new objects, while some 100 MB of new objects live on. */
function spaceAfter(prepare: string): number {
  const module = join(import.meta.dirname, '../../../../src/commands/serve/heap.ts');
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { holdYoungGeneration } from ${JSON.stringify(module)};
    ${prepare}
    const kept = [];
    for (let i = 0; i < 1e6; i += 1) kept.push({ i, more: [i, i + 1] });
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size, kept.length);
  `;
  return Number.parseInt(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
    10,
  );
}

test('the space for new objects stays small until it is let go, and widens then', () => {
  const held = spaceAfter('holdYoungGeneration();');
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(spaceAfter('') / 2);
  expect(held).toBeLessThan(spaceAfter('holdYoungGeneration()();') / 2);
});
