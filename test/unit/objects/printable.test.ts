import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  printable,
  printableJson,
  printableLine,
  printableLines,
  printablePath,
} from '../../../src/objects/printable.ts';
import { obeyed, UNSEEN as UNSEEN_BY_RUNNERS } from '../cli/runner.ts';
import { hostileText } from './hostile-text.ts';

/** All but a tab that is not seen, or that moves what is. */
const UNSEEN = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const check = (law: (text: string) => void) => fc.assert(fc.property(hostileText(), law), { numRuns: 3000 });

/** From the first character to the last, without the halves of pairs. */
const everyCharacter = Array.from({ length: 0x110000 }, (_, point) => point)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));

describe('what a runner does not see', () => {
  it('is all that the library does not see by which .NET compares', () => {
    const { compare } = new Intl.Collator('und');
    const passedOver = everyCharacter.filter((char) => compare(`:${char}:`, '::') === 0);
    expect(passedOver).toContain('\u200b');
    expect(passedOver.filter((char) => char.replaceAll(UNSEEN_BY_RUNNERS, '') !== '')).toEqual([]);
  });
});

describe('printable', () => {
  it('leaves plain text as it is', () => {
    for (const text of ['', 'a: b # ## c', '\tè 日本 😀', '::', 'a ## [b]', '#[x]', 'a::b::c']) {
      expect(printable(text)).toBe(text);
    }
  });

  it('shows where something was that a terminal obeys', () => {
    expect(printable('a\u001b[2J\r\nb\u202ec\u00add')).toBe('a\ufffd[2J\ufffd\ufffdb\ufffdc\ufffdd');
  });

  it('breaks the commands that runners find within a line', () => {
    expect(printable('x ##[error]y')).toBe('x #\ufffd[error]y');
    expect(printable('###vso[task.complete]')).toBe('##\ufffdvso[task.complete]');
    expect(printable('#\t#\u0591[error]y')).toBe('#\t\ufffd\u0591[error]y');
  });

  it('prints nothing unseen, and no command within a line', () => {
    check((text) => {
      expect(printable(text)).not.toMatch(UNSEEN);
      expect(obeyed(`a${printable(text)}`)).toEqual([]);
    });
  });
});

describe('printableLine', () => {
  it('breaks the command that a line begins with, and no other colons', () => {
    expect(printableLine('::error::x')).toBe(':\ufffderror::x');
    expect(printableLine(' \u3000\t::error::x')).toBe(' \u3000\t:\ufffderror::x');
    expect(printableLine('\u200b::error::x')).toBe('\ufffd:\ufffderror::x');
    expect(printableLine(':\u0640:error::x')).toBe(':\u0640\ufffderror::x');
    expect(printableLine('a::error::x')).toBe('a::error::x');
  });

  it('gives no command, whatever the text', () => {
    check((text) => {
      expect(obeyed(printableLine(text))).toEqual([]);
      expect(obeyed(printableLines(text))).toEqual([]);
    });
  });

  it('keeps the lines of a text', () => {
    expect(printableLines('a\n::b::\nc')).toBe('a\n:\ufffdb::\nc');
  });
});

describe('printablePath', () => {
  it('writes a path from the current folder where it begins as a command does', () => {
    expect(printablePath('::stop-commands::x.yaml')).toBe('./::stop-commands::x.yaml');
    expect(printablePath(' ::x')).toBe('./ ::x');
    expect(printablePath('deploy/a.yaml')).toBe('deploy/a.yaml');
    expect(printablePath('<stdin>')).toBe('<stdin>');
  });

  it('gives no command, whatever the path, and whatever follows it', () => {
    check((path) => {
      expect(obeyed(`${printablePath(path)}:1:1: error: x`)).toEqual([]);
    });
  });
});

describe('printableJson', () => {
  it('is the same value to whoever parses it', () => {
    const value = fc.record({ a: hostileText(), b: fc.array(hostileText()) });
    fc.assert(
      fc.property(value, (given) => {
        const json = printableJson(given);
        expect(JSON.parse(json)).toEqual(given);
        expect(obeyed(json)).toEqual([]);
        expect(json.replaceAll('\n', '')).not.toMatch(UNSEEN);
      }),
      { numRuns: 2000 },
    );
  });

  it('escapes both halves of a pair', () => {
    expect(printableJson('\u{e0041}##[a]')).toBe('"\\udb40\\udc41#\\u0023[a]"');
  });
});
