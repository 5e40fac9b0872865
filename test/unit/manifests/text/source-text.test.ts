import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceText } from '../../../../src/manifests/text/source-text.ts';

describe('SourceText', () => {
  it('counts lines and columns from 1, columns in code points', () => {
    const source = new SourceText('a.yaml', 'a: b\n\u{1F600}: c\n');
    expect(source.positionAt(0)).toEqual({ line: 1, column: 1, offset: 0 });
    expect(source.positionAt(4)).toEqual({ line: 1, column: 5, offset: 4 });
    expect(source.positionAt(9)).toEqual({ line: 2, column: 4, offset: 9 });
    expect(source.positionAt(11)).toMatchObject({ line: 3, column: 1 });
  });

  it('agrees with counting from the start, in whatever order it is asked', () => {
    const texts = fc.array(fc.constantFrom('a', '\u{1F600}', '\n', '\r\n', 'é'), { maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(30), { maxLength: 10 }), (parts, places) => {
        const source = new SourceText('a.yaml', parts.join(''));
        for (const place of places) {
          const before = parts.slice(0, place).join('');
          const lines = before.split('\n');
          const expected = { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
          expect(source.positionAt(before.length)).toMatchObject(expected);
        }
      }),
    );
  });

  it('ends a line at a carriage return too', () => {
    const source = new SourceText('a.yaml', 'a: b\r  c: d\re: f\r');
    expect(source.positionAt(9)).toEqual({ line: 2, column: 5, offset: 9 });
    expect(source.excerptAt(9)).toEqual({ text: '  c: d', before: '  c:'.slice(0, 4) });
  });

  it('shows the line, without its end', () => {
    expect(new SourceText('a.yaml', 'a\r\n  b: c\r\n').excerptAt(8)).toEqual({
      text: '  b: c',
      before: '  b: c'.slice(0, 5),
    });
  });

  it('shows a window of a long line', () => {
    const source = new SourceText('a.json', `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`);
    const { text, before } = source.excerptAt(5000);
    expect(text).toHaveLength(160);
    expect(text.slice(before.length)).toMatch(/^HEREy/);
  });
});
