import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { printableYaml } from '../../../../src/manifests/text/printable-yaml.ts';
import { obeyed } from '../../cli/runner.ts';
import { hostileText } from '../../objects/hostile-text.ts';

const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

test('is the same value to whoever parses it, and nothing to a terminal or a runner', () => {
  // The library loses a space that stands alone in its lines.
  const text = hostileText(30).filter((given) => /\S/.test(given));
  const value = fc.dictionary(hostileText(20), fc.array(text));
  fc.assert(
    fc.property(value, fc.constantFrom('1.1', '1.2'), (given, version) => {
      const yaml = printableYaml(given, { version });
      expect(parseDocument(yaml, { version }).toJS()).toEqual(given);
      expect(yaml.replaceAll('\t', '')).not.toMatch(UNSEEN);
      expect(obeyed(yaml)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test('of ordinary values is what the library writes, blocks of lines among them', () => {
  const ordinary = {
    a: 'b',
    lines: 'c\n  d\n\ne\n',
    'f/g': ['::/0', '# h', '', 'on', 'é 日本 😀'],
    i: { j: [true, null, 1.5] },
  };
  expect(printableYaml(ordinary, {})).toBe(stringify(ordinary, { lineWidth: 0 }));
});

test('has what needs an escape in quotes, as one character even where JSON has two halves', () => {
  expect(printableYaml({ '\u202e': 'a\u{e0041}\n##[b]', '::c': 'd' }, {})).toBe(
    '"\\U0000202e": "a\\U000e0041\\n#\\U00000023[b]"\n"::c": d\n',
  );
});
