import type { Faults } from '../../../objects/faults.ts';
import { asList, asObject, asString, field, type Json, onlyFields } from '../../../objects/fields.ts';
import { show } from '../../../objects/problem.ts';
import { AddressSet } from '../../../sets/address-set.ts';
import { type Cidr, parseCidr } from '../../../sets/cidr.ts';

/** IpBlock is an IPBlock as it is written. */
export interface IpBlock {
  readonly cidr: string;
  /** Each different exception, with the path of its first place. */
  readonly except: ReadonlyMap<string, string>;
}

/**
 * readIpBlock reads an IPBlock. A caller that wants all faults also gets one for each exception that does not lie in
 * the block or is not smaller.
 */
export function readIpBlock(value: unknown, path: string, faults: Faults): IpBlock {
  const object = asObject(value, path, faults);
  onlyFields(object, path, ['cidr', 'except'], faults);
  const given = field(object, 'cidr');
  const cidr = given === undefined ? '' : asString(given, `${path}.cidr`, faults);
  if (given === undefined) faults.unreadable(`${path}.cidr`, 'is missing; write a block such as 10.0.0.0/8');
  const except = new Map<string, string>();
  for (const [i, item] of asList(field(object, 'except'), `${path}.except`, faults).entries()) {
    const text = asString(item ?? '', `${path}.except[${i}]`, faults);
    if (!except.has(text)) except.set(text, `${path}.except[${i}]`);
  }
  if (faults.wantsAll) checkBlock(object, path, faults);
  return { cidr, except };
}

/** addressesOf returns the addresses of a block less its exceptions. */
export function addressesOf({ cidr, except }: IpBlock, path: string, faults: Faults): AddressSet {
  const addresses = (text: string, place: string) => parsed(text, place, faults)?.addresses ?? AddressSet.empty;
  const excepted = [...except].map(([text, place]) => addresses(text, place));
  return addresses(cidr, `${path}.cidr`).subtract(AddressSet.unionAll(excepted));
}

function parsed(text: string, path: string, faults: Faults): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) faults.unreadable(path, cidrProblem(text));
  return cidr;
}

function cidrProblem(text: string): string {
  if (text === '') return 'is empty; write a block such as 10.0.0.0/8';
  const prefix = text.includes(':') ? 128 : 32;
  if (parseCidr(`${text}/${prefix}`) === undefined) {
    return `${show(text)} is not a CIDR; write a block such as 10.0.0.0/8 or fd00::/8`;
  }
  return `${show(text)} lacks its prefix length; a single address is ${text}/${prefix}`;
}

/** Checks every exception in its place, including repeated ones. */
function checkBlock(object: Json, path: string, faults: Faults): void {
  const text = field(object, 'cidr');
  const block = checkCidr(text, `${path}.cidr`, faults);
  const except = field(object, 'except');
  for (const [i, item] of (Array.isArray(except) ? except : []).entries()) {
    const part = checkCidr(item ?? '', `${path}.except[${i}]`, faults);
    if (block === undefined || part === undefined) continue;
    const inside = part.family === block.family && part.addresses.isSubset(block.addresses);
    if (inside && part.prefixLength > block.prefixLength) continue;
    const message = `${show(item)} must be a part of ${show(text)} and smaller than it`;
    faults.refused({ path: `${path}.except[${i}]`, message });
  }
}

function checkCidr(value: unknown, path: string, faults: Faults): Cidr | undefined {
  const cidr = typeof value === 'string' ? parsed(value, path, faults) : undefined;
  if (cidr?.legacySpelling !== undefined) {
    const message = `${show(value)} ${cidr.legacySpelling}; Kubernetes 1.37 and later refuse it in new objects`;
    faults.refused({ path, message, tolerated: true });
  }
  return cidr;
}
