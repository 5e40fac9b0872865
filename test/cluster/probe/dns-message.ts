import { isIPv4 } from 'node:net';

/** DnsAnswer is what a response says: its code, and the IPv4 addresses among its answers. */
export interface DnsAnswer {
  readonly id: number;
  /** 0 is NOERROR, 3 NXDOMAIN, 5 REFUSED (RFC 1035, 4.1.1). */
  readonly rcode: number;
  readonly addresses: readonly string[];
}

const A = 1;
const IN = 1;
const HEADER = 12;
const RECURSION_DESIRED = 0x0100;
const RESPONSE = 0x8000;

/** encodeQuery writes a question for the A records of a name (RFC 1035, 4.1). */
export function encodeQuery(id: number, name: string): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const question = Buffer.alloc(4);
  question.writeUInt16BE(A, 0);
  question.writeUInt16BE(IN, 2);
  return Buffer.concat([header, encodeName(name), question]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) => {
    const text = Buffer.from(label, 'latin1');
    if (text.length > 63) throw new RangeError(`"${label}" is ${text.length} bytes long; a label has at most 63`);
    return Buffer.concat([Buffer.from([text.length]), text]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** decodeAnswer reads a response; undefined where the bytes are none. */
export function decodeAnswer(message: Buffer): DnsAnswer | undefined {
  try {
    return decode(message);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Buffer's readers throw a RangeError past the end. */
function decode(message: Buffer): DnsAnswer | undefined {
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE) === 0) return undefined;
  const [questions, answers] = [message.readUInt16BE(4), message.readUInt16BE(6)];
  let at = HEADER;
  for (let i = 0; i < questions; i++) at = afterName(message, at) + 4;
  const addresses: string[] = [];
  for (let i = 0; i < answers; i++) {
    at = afterName(message, at);
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 8)];
    const address = [...message.subarray(at + 10, at + 10 + length)].join('.');
    if (type === A && isIPv4(address)) addresses.push(address);
    at += 10 + length;
  }
  return { id: message.readUInt16BE(0), rcode: flags & 0xf, addresses };
}

/** A name ends with an empty label, or with a pointer to the rest of it (RFC 1035, 4.1.4). */
function afterName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message.readUInt8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
}
