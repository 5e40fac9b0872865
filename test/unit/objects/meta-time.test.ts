import { expect, test } from 'vitest';
import { metaTime } from '../../../src/objects/meta-time.ts';

test.each([
  [Date.UTC(2026, 10, 30, 12, 0, 1), '2026-11-30T12:00:01Z'],
  [Date.UTC(2026, 10, 30, 12, 0, 1, 999), '2026-11-30T12:00:01Z'],
])('a moment is written without fractions, downwards: %i', (moment, text) => {
  expect(metaTime(moment)).toBe(text);
});
