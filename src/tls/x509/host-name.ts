import { isIPv4, isIPv6 } from 'node:net';

/** canonicalName writes a DNS name or an IP address in the form used for comparing names. */
export function canonicalName(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

/** addressOf returns the bytes of an IP address; undefined if the name is not one. */
export function addressOf(name: string): Uint8Array | undefined {
  if (isIPv4(name)) return Uint8Array.from(name.split('.'), Number);
  if (!isIPv6(name)) return undefined;
  const [head = '', tail] = canonicalName(name).split('::');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => 0);
  return Uint8Array.from([...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
