/**
 * Scalars as kubectl reads them. sigs.k8s.io/yaml 1.6 parses with go.yaml.in/yaml/v2, whose `resolve` (resolve.go) is
 * YAML 1.1 with exceptions of its own: no base-60 numbers, timestamps stay strings, Go's ParseInt with base 0.
 */
export type GoScalar = string | number | boolean | null;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
]);
const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const NOT_FINITE = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const TAG = 'tag:yaml.org,2002:';

/** Date, or date and time, as Go's time.Parse takes them in the four layouts of parseTimestamp. */
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?$/;

/** goScalar resolves an unquoted scalar. Throws a TypeError if JSON has no such value (`.inf`, `.nan`). */
export function goScalar(text: string): GoScalar {
  if (NULLS.has(text)) return null;
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  if (NOT_FINITE.test(text)) throw new TypeError(`${text} is a number that JSON cannot hold`);
  if (!/^[-+.\d]/.test(text) || TIMESTAMP.test(text)) return text;
  return number(text) ?? text;
}

/** taggedScalar resolves a scalar with an explicit tag, such as `!!str 53`. Throws a TypeError if the two disagree. */
export function taggedScalar(tag: string, text: string): GoScalar {
  const name = tag.startsWith(TAG) ? tag.slice(TAG.length) : '';
  if (name === 'binary')
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
    );
  if (!['int', 'float', 'bool', 'null'].includes(name)) return text;
  const value = goScalar(text);
  const kind = value === null ? 'null' : typeof value;
  const wanted = name === 'bool' ? 'boolean' : name === 'null' ? 'null' : 'number';
  const fits = kind === wanted && (name !== 'int' || Number.isInteger(value));
  if (!fits) throw new TypeError(`cannot decode "${text}" as a !!${name}`);
  return value;
}

function number(text: string): number | undefined {
  if (text.startsWith('.')) return float(text);
  const plain = text.replaceAll('_', '');
  return integer(plain) ?? float(plain);
}

/**
 * Go's ParseInt and ParseUint with base 0: 0x1f, 0o17, 0b11, and 017 for octal. A number beyond 64 bits is not an
 * integer.
 */
function integer(plain: string): number | undefined {
  const match = /^([-+]?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9]\d*)$/.exec(plain);
  if (match === null) return undefined;
  const [, sign, digits = ''] = match;
  const magnitude = BigInt(digits.replace(/^0[oO]?(?=[0-7])/, '0o'));
  if (magnitude > (sign === '-' ? 2n ** 63n : 2n ** 64n - 1n)) return undefined;
  return sign === '-' && magnitude !== 0n ? -Number(magnitude) : Number(magnitude);
}

function float(text: string): number | undefined {
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
