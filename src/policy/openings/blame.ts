import type { AddressSet } from '../../sets/address-set.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Issue } from '../finding.ts';
import { Remembered } from '../remembered.ts';
import type { Situation } from '../situation.ts';
import { type Fresh, freshAddresses, INTERNET } from './fresh.ts';
import {
  type Aim,
  aimsAt,
  aimText,
  type InternetRule,
  internetRules,
  MAX_STRETCHES,
  portsToCompare,
} from './internet-rules.ts';

const TOO_MANY = 'too much was open before to decide whether this is new';

/**
 * blameFor holds rules of the changed policy against the change where they open, on some port of the aim, some of the
 * addresses `within` that was not open to each of the pods before.
 */
export function blameFor(
  situation: Situation,
  rules: readonly InternetRule[],
  aim: Aim,
  within: AddressSet,
  pods: LabelSelector,
): Pick<Issue, 'blamed' | 'uncertain'> {
  if (situation.change.operation === 'AUDIT') return { blamed: true };
  const { ports, isBound } = comparedPorts(situation, aim);
  let doubt = isBound;
  for (const port of ports) {
    const at = { ...aim, port };
    const fresh = freshAddresses(situation, at, pods);
    const wanted = freshWithin(fresh, within);
    if (wanted.isEmpty || !rules.some((open) => aimsAt(open, at) && open.addresses.intersects(wanted))) continue;
    if (!fresh.isBound) return { blamed: true };
    doubt = true;
  }
  return doubt ? { blamed: true, uncertain: TOO_MANY } : { blamed: false };
}

const overlaps = new Remembered<Fresh, Map<AddressSet, AddressSet>>();

/** freshWithin is found once for many rules that ask about the same addresses. */
function freshWithin(fresh: Fresh, within: AddressSet): AddressSet {
  const known = overlaps.get(fresh, '', () => new Map());
  const overlap = known.get(within) ?? fresh.addresses.intersect(within);
  known.set(within, overlap);
  return overlap;
}

interface ComparedPorts {
  readonly ports: readonly number[];
  /** Holds where there are more, which were not looked at. */
  readonly isBound: boolean;
}

const remembered = new Remembered<Situation, ComparedPorts>();

/** One port of each stretch that some rule, before or after, tells from the next; the DNS ports come first. */
function comparedPorts(situation: Situation, aim: Aim): ComparedPorts {
  if (aim.port !== 'every') return { ports: [aim.port], isBound: false };
  return remembered.get(situation, aimText(aim), () => {
    const { policy, before, settings } = situation;
    const old = policy === undefined ? [] : [...before.selecting(INTERNET, policy.subject)].flatMap(internetRules);
    const own = policy === undefined ? [] : internetRules(policy);
    const ports = [...new Set([...settings.dns.ports, ...portsToCompare([...own, ...old], aim)])];
    return { ports: ports.slice(0, MAX_STRETCHES), isBound: ports.length > MAX_STRETCHES };
  });
}
