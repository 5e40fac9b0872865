/**
 * DER (ITU-T X.690), as far as a certificate needs it: each function makes the bytes of one value, and values nest.
 */

/** sequence makes an ordered list of values. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return value(0x30, ...parts);
}

/** setOf makes a set of one value, which needs no sorting. */
export function setOf(part: Uint8Array): Buffer {
  return value(0x31, part);
}

/** tagged makes a context-specific value that holds others. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  return value(0xa0 | tag, ...parts);
}

/** taggedBytes makes a context-specific value of plain bytes. */
export function taggedBytes(tag: number, bytes: Uint8Array): Buffer {
  return value(0x80 | tag, bytes);
}

/** integer makes a positive integer from its bytes, most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : bytes.subarray(first);
  return value(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.of(), digits);
}

/** yes makes the boolean true; false is the default wherever it could stand, and is left out. */
export function yes(): Buffer {
  return value(0x01, Buffer.of(0xff));
}

/** objectIdentifier makes an identifier from its dotted spelling. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** utf8String makes a text. */
export function utf8String(text: string): Buffer {
  return value(0x0c, Buffer.from(text, 'utf8'));
}

/** octetString makes a value of bytes, often the DER of another. */
export function octetString(bytes: Uint8Array): Buffer {
  return value(0x04, bytes);
}

/** bitString makes a string of bits, whose last byte has `unused` bits to spare. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return value(0x03, Buffer.of(unused), bytes);
}

/** time makes a moment, to the second: UTCTime before 2050 and GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(milliseconds: number): Buffer {
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return text < '2050' ? value(0x17, Buffer.from(text.slice(2))) : value(0x18, Buffer.from(text));
}

function value(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x100) return Buffer.of(0x81, length);
  return Buffer.of(0x82, length >> 8, length & 0xff);
}

/** Seven bits a byte, the highest bit set on all but the last. */
function base128(number: number): number[] {
  const bytes = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
