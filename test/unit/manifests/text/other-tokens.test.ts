import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableDocument } from '../../../../src/manifests/text/located.ts';
import { readDocument } from '../../../../src/manifests/text/read-document.ts';
import { OTHER_READINGS } from './other-readings.ts';

const read = (text: string) => readDocument({ text, offset: 0 })?.value;

describe('a document that kubectl reads otherwise', () => {
  it.each(OTHER_READINGS)('is refused: $text', ({ text, message }) => {
    expect(() => read(text)).toThrow(UnreadableDocument);
    expect(() => read(text)).toThrow(message);
  });

  it('is refused where it differs', () => {
    try {
      readDocument({ text: 'x: {a: 1, ?b: 2}', offset: 100 });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ offset: 110 });
    }
  });

  /** An entry of a flow map, and the key and value that kubectl reads there. */
  const entries: readonly ((key: string, value: string) => readonly [text: string, key: string, value: unknown])[] = [
    (key, value) => [`${key}: ${value}`, key, value],
    (key, value) => [`? ${key} : ${value}`, key, value],
    (key, value) => [`?${key}: ${value}`, key, value],
    (key, value) => [`"${key}":${value}`, key, value],
    (key, value) => [`"${key}" :${value}`, key, value],
    (key, value) => [`!t,${value} ${key}: ${value}`, key, value],
    (key, value) => [`&${value} ${key}: !!str ${value}`, key, value],
    (key, value) => [`${key}:${value}: ${value}`, `${key}:${value}`, value],
    (key) => [`${key}:`, `${key}:`, null],
    (key) => [`${key} :`, `${key} :`, null],
    (key) => [key, key, null],
    (key) => [`? ${key}`, key, null],
    (key, value) => [`${key}: ? ${value}`, key, { [value]: null }],
    (key, value) => [`${key}: [${value}, ?${value}: b]`, key, [value, { [value]: 'b' }]],
    (key, value) => [`${key}: [${value}:]`, key, [`${value}:`]],
    (key, value) => [`"${key}": {${value}:,}`, key, { [`${value}:`]: null }],
  ];

  it('is refused in whatever company it stands', () => {
    const word = fc.stringMatching(/^[b-d]{1,3}$/);
    const entry = fc.tuple(fc.constantFrom(...entries), word, word);
    const given = fc.array(entry, { minLength: 1, maxLength: 6 });
    let [same, refused] = [0, 0];
    fc.assert(
      fc.property(given, fc.constantFrom(', ', ',', ',\n  '), (chosen, comma) => {
        const written = chosen.map(([write, key, value], i) => write(`k${i}${key}`, `v${value}`));
        const wanted = Object.fromEntries(written.map(([, key, value]) => [key, value]));
        try {
          expect(read(`x: {${written.map(([text]) => text).join(comma)}}`)).toEqual({ x: wanted });
          same += 1;
        } catch (error) {
          if (!(error instanceof UnreadableDocument)) throw error;
          refused += 1;
        }
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(same, refused)).toBeGreaterThan(50);
  });
});

it.each([
  ['a question and a colon in quotes', 'x: ["a?b", \'c:\', {"d":e}]', { x: ['a?b', 'c:', { d: 'e' }] }],
  ['a question outside of brackets', 'x: a?b', { x: 'a?b' }],
  ['an address within brackets', 'x: [http://a:80/b, "::1"]', { x: ['http://a:80/b', '::1'] }],
  ['a key that is marked', 'x: {? a : 1, ? b }', { x: { a: 1, b: null } }],
  ['quotes that are escaped', `x: "a \\"b\\\\"\nz: 'c '' d'''`, { x: 'a "b\\', z: "c ' d'" }],
  ['an indentation as a number', 'x: |2\n   a\n  b\n\nz: 1', { x: ' a\nb\n', z: 1 }],
  ['a line that goes on', 'x: "a\\\n  b\n\n  c"', { x: 'ab\nc' }],
])('%s is read as before', (_, text, value) => {
  expect(read(text)).toEqual(value);
});
