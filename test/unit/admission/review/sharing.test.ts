import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sharing } from '../../../../src/admission/review/sharing.ts';

const text = fc.oneof(
  fc.json({ depthSize: 'medium' }),
  fc.json().map((json) => `{"a":[${json},${json},{"b":${json}}]}`),
);

function containersIn(value: unknown, found = new Set<object>()): ReadonlySet<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const part of Object.values(value)) containersIn(part, found);
  return found;
}

describe('Sharing', () => {
  it('says what was said, each different list or object once, and so a copy does', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const sharing = new Sharing();
        const shared = [sharing.share(JSON.parse(one)), sharing.share(JSON.parse(other))];
        expect(JSON.stringify(shared)).toBe(JSON.stringify([JSON.parse(one), JSON.parse(other)]));
        const parts = [...containersIn(shared)].filter((part) => part !== shared);
        expect(parts).toHaveLength(sharing.pieces);
        expect(new Set(parts.map((part) => JSON.stringify(part))).size).toBe(parts.length);
        const copy: unknown = deserialize(serialize(shared));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(shared));
        expect(containersIn(copy).size).toBe(parts.length + 1);
      }),
    );
  });

  it('takes `__proto__` for a key like any other', () => {
    const shared = new Sharing().share(JSON.parse('[{"__proto__":{"a":[]}},{"__proto__":{"a":[]}}]'));
    const [one, other] = deserialize(serialize(shared)) as [object, object];
    expect(one).toBe(other);
    expect(JSON.stringify(one)).toBe('{"__proto__":{"a":[]}}');
  });
});
