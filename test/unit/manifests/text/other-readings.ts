/** OtherReading is the rest of a ConfigMap that a parser of YAML 1.2 reads, and kubectl reads otherwise. */
export interface OtherReading {
  readonly text: string;
  /** What kubectl makes of it; absent where kubectl refuses it. */
  readonly kubectl?: Readonly<Record<string, unknown>>;
  /** A part of what lint says. */
  readonly message: string;
}

const KEY_MARK = 'treats a "?" within';
const COLON_BEFORE = 'part of the text before it';
const COLON_FIRST = 'the end of a key';
const TAG = 'reads a tag up to the next white space';
const ANCHOR = 'the name of an anchor';
const SPACES = 'the spaces in the empty lines';

/** OTHER_READINGS are those that are known; each is read so by kubectl of Kubernetes 1.30 and 1.37. */
export const OTHER_READINGS: readonly OtherReading[] = [
  { text: 'x: {?a: 1}', kubectl: { x: { a: 1 } }, message: KEY_MARK },
  { text: 'x: [a, ?b]', kubectl: { x: ['a', { b: null }] }, message: KEY_MARK },
  { text: 'x: {a: [{?b: c}]}', kubectl: { x: { a: [{ b: 'c' }] } }, message: KEY_MARK },
  { text: 'x: [http://a?b=c]', message: KEY_MARK },
  { text: 'x: {a?: 1}', message: KEY_MARK },
  { text: 'x: {a:, b: 1}', kubectl: { x: { 'a:': null, b: 1 } }, message: COLON_BEFORE },
  { text: 'x: {a:}', kubectl: { x: { 'a:': null } }, message: COLON_BEFORE },
  { text: 'x: [a:]', kubectl: { x: ['a:'] }, message: COLON_BEFORE },
  { text: 'x: {a :, b: 1}', kubectl: { x: { 'a :': null, b: 1 } }, message: COLON_BEFORE },
  { text: 'x: {a:[1]}', message: COLON_BEFORE },
  { text: 'x: {::a: 1}', message: COLON_FIRST },
  { text: 'x: {!a,b c: d}', kubectl: { x: { c: 'd' } }, message: TAG },
  { text: 'x: [!!str, a]', kubectl: { x: ['a'] }, message: TAG },
  { text: 'x: {a: !!null}', message: TAG },
  { text: 'x: [&a.b c]', message: ANCHOR },
  { text: 'x: {a: 1, &b?c: d}', message: ANCHOR },
  { text: 'x: |2\n   \n', kubectl: { x: ' \n' }, message: SPACES },
  { text: 'x: |1-\n  a\n  \ny: 1', kubectl: { x: ' a\n ', true: 1 }, message: SPACES },
  { text: 'x: "a\\\n\n  b"', kubectl: { x: 'a\nb' }, message: 'keeps the empty line' },
  {
    text: 'a: "x \\"\nb: "\nc: 1\nd: "e"',
    kubectl: { a: 'x " b: ', c: 1, d: 'e' },
    message: 'missing closing "quote',
  },
  { text: "x: 'a''\nb: 'c'''\nd: 'e'", message: "missing closing 'quote" },
  { text: 'x: |\n  a\u2028  b', kubectl: { x: 'a\u2028b\n' }, message: 'U+2028' },
  { text: 'x: {a: 1,\n  \ufeffb: 2}', kubectl: { x: { a: 1, '\ufeffb': 2 } }, message: 'byte order mark' },
];
