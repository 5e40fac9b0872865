import type { AddressSet } from '../../sets/address-set.ts';
import { BudgetSpent } from '../../sets/budget.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import { Memo } from '../model/memo.ts';
import type { Situation } from '../situation/situation.ts';
import { freshAddresses, GRANTED_BEFORE } from './fresh.ts';
import {
  type Aim,
  aimsAt,
  aimText,
  type InternetRule,
  internetRules,
  MAX_STRETCHES,
  type PortAim,
  portsToCompare,
  stepsThrough,
} from './internet-rules.ts';

/** Opened is what some rules of the changed policy open, and for which pods. */
interface Opened {
  readonly rules: readonly InternetRule[];
  readonly aim: Aim;
  readonly pods: LabelSelector;
}

/**
 * isBlamed holds if rules of the changed policy open, on some port of the aim, some of the addresses `within` that were
 * not open to each of the pods before. It looks for certain cases first, on every port. Throws BudgetSpent.
 */
export function isBlamed(situation: Situation, { rules, aim, pods }: Opened, within: AddressSet): boolean {
  const { change, budget, isNarrowed } = situation;
  if (change.operation === 'AUDIT') return true;
  if (isNarrowed) return false;
  const { ports, isBound } = comparedPorts(situation, aim);
  const opens = (port: PortAim['port'], which: 'certain' | 'all') => {
    budget.spend(rules.length);
    const at: PortAim = { ...aim, port };
    const fresh = freshAddresses(situation, at, pods);
    const wanted = fresh.within(fresh[which], within);
    return !wanted.isEmpty && rules.some((open) => aimsAt(open, at) && open.addresses.intersects(wanted));
  };
  if (ports.some((port) => opens(port, 'certain')) || ports.some((port) => opens(port, 'all'))) return true;
  if (isBound) throw new BudgetSpent();
  return false;
}

interface ComparedPorts {
  readonly ports: readonly PortAim['port'][];
  /** Whether there are more, which were not checked. */
  readonly isBound: boolean;
}

const remembered = new Memo<Situation, ComparedPorts>();

/** One port of each range that some rule, before or after, distinguishes from the next; the DNS ports come first. */
function comparedPorts(situation: Situation, aim: Aim): ComparedPorts {
  if (aim.port !== 'every') return { ports: [aim.port], isBound: false };
  return remembered.get(situation, aimText(aim), () => {
    const { policy, before, settings, budget } = situation;
    if (policy === undefined) return { ports: [], isBound: false };
    const rules = [...internetRules(policy)];
    for (const other of before.selecting(GRANTED_BEFORE, policy.subject)) {
      budget.spend(stepsThrough(other));
      rules.push(...internetRules(other));
    }
    const ports = [...new Set([...settings.dns.ports, ...portsToCompare(rules, aim)])];
    return { ports: ports.slice(0, MAX_STRETCHES), isBound: ports.length > MAX_STRETCHES };
  });
}
