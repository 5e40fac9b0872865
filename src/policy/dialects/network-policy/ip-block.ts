import { type Check, listOf, object, text } from '../../../objects/checks.ts';
import { field } from '../../../objects/fields.ts';
import { show } from '../../../objects/problem.ts';
import { type Cidr, parseCidr } from '../../../sets/cidr.ts';

const cidr: Check = (value, path, problems) => {
  if (typeof value !== 'string') return text()(value, path, problems);
  const block = parseCidr(value);
  if (block === undefined) problems.push({ path, message: cidrProblem(value) });
  else if (block.legacySpelling !== undefined) {
    const message = `${show(value)} ${block.legacySpelling}; Kubernetes 1.37 and later refuse it in new objects`;
    problems.push({ path, message, tolerated: true });
  }
};

function cidrProblem(value: string): string {
  if (value === '') return 'is empty; write a block such as 10.0.0.0/8';
  const asHost = parseCidr(`${value}/${value.includes(':') ? 128 : 32}`);
  if (asHost === undefined) return `${show(value)} is not a CIDR; write a block such as 10.0.0.0/8 or fd00::/8`;
  return `${show(value)} lacks its prefix length; a single address is ${value}/${value.includes(':') ? 128 : 32}`;
}

/** ipBlock checks an IPBlock; each `except` must lie in `cidr` and be smaller. */
export const ipBlock: Check = object({ cidr, except: listOf(cidr, '') }, (value, path, problems) => {
  const whole = field(value, 'cidr');
  if (whole === undefined)
    problems.push({ path: `${path}.cidr`, message: 'is missing; write a block such as 10.0.0.0/8' });
  const block = typeof whole === 'string' ? parseCidr(whole) : undefined;
  const except = field(value, 'except');
  if (block === undefined || !Array.isArray(except)) return;
  for (const [i, item] of except.entries()) {
    if (!mayBeCutOut(item, block)) {
      const message = `${show(item)} must be a part of ${show(whole)} and smaller than it`;
      problems.push({ path: `${path}.except[${i}]`, message });
    }
  }
});

/** What is no CIDR at all has its own problem. */
function mayBeCutOut(item: unknown, block: Cidr): boolean {
  const part = typeof item === 'string' ? parseCidr(item) : undefined;
  if (part === undefined) return true;
  const isInside = part.family === block.family && part.addresses.isSubset(block.addresses);
  return isInside && part.prefixLength > block.prefixLength;
}
