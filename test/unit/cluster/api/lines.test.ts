import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lines } from '../../../../src/cluster/api/lines.ts';

async function* chunksOf(bytes: Buffer, sizes: readonly number[]) {
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function all(source: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of source) found.push(line);
  return found;
}

test('lines are the same however the stream is cut, in the middle of characters too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text))),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join('\n'));
        expect(await all(lines(chunksOf(bytes, sizes), 1000))).toEqual(texts);
      },
    ),
  );
});

test('a line that is too long is refused before it is held in full', async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 100;
      yield Buffer.alloc(100, 'x');
    }
  }
  await expect(all(lines(endless(), 1000))).rejects.toThrow('longer than 1000 bytes');
  expect(read).toBe(1100);
});
