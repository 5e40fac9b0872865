import { describe, expect, it } from 'vitest';
import { offsetOf, UnreadableDocument } from '../../../../src/manifests/text/located.ts';
import { readDocument } from '../../../../src/manifests/text/read-document.ts';

const read = (text: string) => readDocument({ text, offset: 0 })?.value;

/** unreadable returns the message, and the text from the place that it points to. */
function unreadable(text: string): readonly [message: string, rest: string] {
  try {
    readDocument({ text, offset: 0 });
  } catch (error) {
    if (error instanceof UnreadableDocument) return [error.message, text.slice(error.offset, error.offset + 12)];
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}

describe('readDocument', () => {
  it('reads unquoted scalars by YAML 1.1, quoted ones as strings', () => {
    expect(read('a: on\nb: "on"\nc: \'no\'\nd: |-\n  yes\ne: 053\nf:\n')).toEqual({
      a: true,
      b: 'on',
      c: 'no',
      d: 'yes',
      e: 43,
      f: null,
    });
  });

  it('makes keys strings', () => {
    expect(read('y: 1\n53: 2\n0x10: 3\n"on": 4\n~x: 5\n')).toEqual({ true: 1, 53: 2, 16: 3, on: 4, '~x': 5 });
  });

  it('keeps keys that JavaScript has ideas about', () => {
    expect(JSON.stringify(read('__proto__: {a: b}\nconstructor: c\n'))).toBe(
      '{"__proto__":{"a":"b"},"constructor":"c"}',
    );
  });

  it('expands aliases, each to the anchor last set before it', () => {
    expect(read('a: &x 1\nb: *x\nc: &x 2\nd: [*x, *x]\n')).toEqual({ a: 1, b: 1, c: 2, d: [2, 2] });
  });

  it('expands aliases in the order of the text, whatever is merged first', () => {
    expect(read('a: &a {p: 1}\nx: {<<: [{z: &a {p: 2}}, *a]}\n')).toMatchObject({ x: { p: 2, z: { p: 2 } } });
    expect(read('a: &a {p: 1}\nx: {<<: [*a, {z: &a {p: 2}}], r: *a}\n')).toMatchObject({ x: { p: 1, r: { p: 2 } } });
    expect(read('a: &a 1\nx: {<<: [{b: &a 2}, {c: *a}, {d: &a 3}], e: *a}\n')).toMatchObject({
      x: { b: 2, c: 2, d: 3, e: 3 },
    });
  });

  it('merges << in the order of the text, as go-yaml does', () => {
    expect(read('base: &b {k: 1, l: 2}\na:\n  <<: *b\n  k: 3\nc:\n  k: 3\n  <<: *b\n')).toMatchObject({
      a: { k: 3, l: 2 },
      c: { k: 1, l: 2 },
    });
    expect(read('<<: [{a: 1}, {a: 2, b: 3}]\n')).toEqual({ a: 1, b: 3 });
    expect(read('"<<": 1\n')).toEqual({ '<<': 1 });
    expect(read('a: {! <<: {k: 1}, ! "<<": {l: 2}, !!str <<: {m: 3}}\n')).toEqual({
      a: { k: 1, l: 2, '<<': { m: 3 } },
    });
  });

  it('reads a byte order mark behind a separator, and no second one', () => {
    expect(readDocument({ text: '\n\ufeffa: 1', offset: 3 })?.value).toEqual({ a: 1 });
    expect(() => readDocument({ text: '\n\ufeff\ufeffa: 1', offset: 3 })).toThrow('there is a byte order mark within');
    expect(() => read('\n\ufeffa: 1')).toThrow('there is a byte order mark within');
  });

  it('holds nothing where there are only comments', () => {
    expect(readDocument({ text: '# a\n\n# b\n', offset: 0 })).toBeUndefined();
  });

  it('reads Windows line ends, and old line breaks as the line breaks that they are', () => {
    expect(read('a: 1\r\nb: 2\r\n')).toEqual({ a: 1, b: 2 });
    expect(read('# comment\u2028a: 1\u0085b: 2\rc: 3')).toEqual({ a: 1, b: 2, c: 3 });
  });

  it.each([
    ['a tab in the indentation', 'a:\n\tb: c\n', 'tabs are not allowed as indentation', '\tb: c\n'],
    [
      'a bracket never closed',
      'a: [b\nc: d\n',
      'flow sequence in block collection must be sufficiently indented and end with a ]',
      'c: d\n',
    ],
    ['a quote never closed', 'a: "b\n', 'missing closing "quote', ''],
    ['an alias without anchor', 'a: *b\n', 'no anchor &b comes before this alias', '*b\n'],
    ['an alias of what contains it', 'a: &a [*a]\n', 'an alias refers to something that contains it', '*a]\n'],
    ['a list as key', '? [a]\n: b\n', 'a list or an object cannot be a key', '[a]\n: b\n'],
    ['null as key', '~: b\n', 'null cannot be a key', '~: b\n'],
    ['<< of a string', '<<: a\n', '<< merges an object or a list of objects', '<<: a\n'],
    ['infinity', 'a: .inf\n', '.inf is a number that JSON cannot hold', '.inf\n'],
    ['a control character', 'a: "\u0007"\n', 'the character U+0007 is not allowed in YAML', '\u0007"\n'],
    [
      'something behind the end',
      'a: b\n...\nc: d\n',
      'kubectl reads nothing after "..."; begin a new document with "---"',
      'c: d\n',
    ],
    ['a colon too many', 'a: b: c\n', 'nested mappings are not allowed in compact mappings', 'b: c\n'],
    ['less indentation in the middle', '  a: 1\nb: 2\n', 'unexpected scalar at node end', 'b: 2\n'],
  ])('refuses %s', (_, text, message, rest) => {
    expect(unreadable(text)).toEqual([message, rest]);
  });

  it('ends a billion laughs at the nodes where kubectl does', () => {
    const levels = 'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]}, `.repeat(9)}]`);
    const text = ['a: &a [x, x, x, x, x, x, x, x, x]', ...levels, ''].join('\n');
    expect(unreadable(text)[0]).toBe('aliases expand it far too much, and kubectl refuses it too');
  });

  it('reads a file of many harmless aliases', () => {
    expect(read(`a: &a x\nb:\n${'- *a\n'.repeat(2000)}`)).toMatchObject({ a: 'x' });
  });

  it('survives brackets without end', () => {
    expect(unreadable('['.repeat(100_000))[0]).not.toBe('');
  });

  it('refuses a document longer than it reads', () => {
    expect(unreadable(`a: "${'x'.repeat(4 * 1024 * 1024)}"`)[0]).toBe('is longer than 4 MiB; split it');
  });
});

describe('a key given twice', () => {
  const repeated = (text: string) =>
    readDocument({ text, offset: 0 })?.repeatedKeys.map(({ key, offset, within, earlier }) => [
      key,
      text.slice(offset),
      within,
      earlier,
    ]);

  it.each([
    ['in one spelling', 'a: 1\nb: 2\na: 3\n', [['a', 'a: 3\n', [], 1]]],
    ['in two', 'yes: 1\n"true": 2\n', [['true', '"true": 2\n', [], 1]]],
    ['within a list', 'a: [{b: x, b: y}]\n', [['b', 'b: y}]\n', ['a', '0'], 'x']]],
    [
      'three times',
      'a: 1\na: 2\na: 3\n',
      [
        ['a', 'a: 2\na: 3\n', [], 1],
        ['a', 'a: 3\n', [], 2],
      ],
    ],
    ['once written and once merged', 'a: &a {b: 1}\nc: {<<: *a, b: 2}\n', []],
  ])('%s is said', (_, text, expected) => {
    expect(repeated(text)).toEqual(expected);
  });

  it('has the value that it has last, as for kubectl', () => {
    expect(read('a: 1\nb: 2\na: 3\n')).toEqual({ a: 3, b: 2 });
  });
});

describe('offsetOf', () => {
  const text =
    'spec:\n  egress:\n    - to: &t\n        - {ipBlock: {cidr: "10.0.0.0/8"}}\n      ports: *t\n  none:\nm:\n  a.b/c: d\n';
  const place = (path: string, onKey?: boolean) => {
    const located = readDocument({ text, offset: 0 });
    return located && text.slice(offsetOf(located, path, onKey)).split('\n')[0];
  };

  it.each([
    ['', 'spec:'],
    ['spec.egress', 'egress:'],
    ['spec.egress[0]', 'to: &t'],
    ['spec.egress[0].to', 'to: &t'],
    ['spec.egress[0].to[0]', '{ipBlock: {cidr: "10.0.0.0/8"}}'],
    ['spec.egress[0].to[0].ipBlock.cidr', '"10.0.0.0/8"}}'],
    ['spec.egress[0].ports[0].ipBlock.cidr', '"10.0.0.0/8"}}'],
    ['spec.none', 'none:'],
    ['m[a.b/c]', 'd'],
  ])('%s is at %s', (path, expected) => {
    expect(place(path)).toBe(expected);
  });

  it('points to the key where the key is at fault', () => {
    expect(place('spec.egress[0].to[0].ipBlock.cidr', true)).toBe('cidr: "10.0.0.0/8"}}');
  });

  it('points to the nearest thing that is there', () => {
    expect(place('spec.egress[0].to[7].podSelector')).toBe('to: &t');
    expect(place('spec.ingress')).toBe('spec:');
    expect(place('metadata.name')).toBe('spec:');
  });
});
