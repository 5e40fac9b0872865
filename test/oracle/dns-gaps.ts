import { atomsOfBlock } from './atoms.ts';
import { type Expectation, strongest } from './expectation.ts';
import type { PolicyManifest, RuleManifest, World } from './manifest.ts';
import {
  addressesOf,
  goesAnywhere,
  isolates,
  opensNumber,
  opensPortOf,
  reachesPod,
  type Transport,
} from './matching.ts';
import { DNS_ADDRESSES, DNS_POD, dnsPortNames } from './places.ts';
import { type PodState, podStates, policiesAfter } from './states.ts';

/**
 * Through an ipBlock alone DNS is reached on some network plugins: `maybe`. Where only the Service's port is open and
 * not the pods', even fewer let it through: `unclear`. A named port opens no ipBlock.
 */
type Reach = 'yes' | 'no' | 'maybe' | 'unclear';

const dnsAddresses = DNS_ADDRESSES.map((cidr) => atomsOfBlock(cidr)).reduce((all, one) => all | one, 0n);

function reach(rules: readonly RuleManifest[], world: World, protocol: Transport): Reach {
  const names = dnsPortNames(world.dnsPort);
  let through: Reach = 'no';
  for (const rule of rules) {
    const open = opensPortOf(rule, protocol, world.dnsPort, names);
    if (open && reachesPod(rule, world.namespace, DNS_POD)) return 'yes';
    if (goesAnywhere(rule) || (addressesOf(rule) & dnsAddresses) === 0n) continue;
    if (opensNumber(rule, protocol, world.dnsPort)) through = through === 'unclear' ? through : 'maybe';
    else if (opensNumber(rule, protocol, 53)) through = 'unclear';
  }
  return through;
}

interface Subject {
  readonly udp: Reach;
  readonly tcp: Reach;
  readonly gapBefore: { readonly udp: boolean | 'unclear'; readonly tcp: boolean | 'unclear' };
}

function subjectOf(state: PodState, world: World): Subject {
  const gap = (protocol: Transport) => {
    if (!state.isolatedBefore) return false;
    const was = reach(state.before, world, protocol);
    return was === 'no' || (was === 'yes' ? false : 'unclear');
  };
  return {
    udp: reach(state.after, world, 'UDP'),
    tcp: reach(state.after, world, 'TCP'),
    gapBefore: { udp: gap('UDP'), tcp: gap('TCP') },
  };
}

type GapRule = 'dns-blocked' | 'dns-over-udp-blocked' | 'dns-over-tcp-blocked' | 'dns-partly-blocked';

/** holds says whether the fault is there in the after-state; undefined where the contract leaves it open. */
function holds(rule: GapRule, subjects: readonly Subject[]): boolean | undefined {
  const all = (reaches: Reach, ...over: ('udp' | 'tcp')[]) =>
    subjects.every((subject) => over.every((protocol) => subject[protocol] === reaches));
  const some = (reaches: Reach, ...over: ('udp' | 'tcp')[]) =>
    subjects.some((subject) => over.some((protocol) => subject[protocol] === reaches));
  if (subjects.length === 0) return false;
  switch (rule) {
    case 'dns-blocked':
      if (all('no', 'udp', 'tcp')) return true;
      return some('yes', 'udp', 'tcp') || subjects.every(({ udp, tcp }) => udp === 'maybe' || tcp === 'maybe')
        ? false
        : undefined;
    case 'dns-over-udp-blocked':
    case 'dns-over-tcp-blocked': {
      const [lost, kept] = rule === 'dns-over-udp-blocked' ? (['udp', 'tcp'] as const) : (['tcp', 'udp'] as const);
      if (some('yes', lost) || all('no', kept)) return false;
      return all('no', lost) && some('yes', kept) ? true : undefined;
    }
    case 'dns-partly-blocked': {
      const none = subjects.some(({ udp, tcp }) => udp === 'no' && tcp === 'no');
      // Where one protocol is lost to all of them, the rule about that protocol has said so.
      if (none && some('yes', 'udp') && some('yes', 'tcp')) return true;
      if (some('yes', 'udp', 'tcp')) return all('yes', 'udp', 'tcp') ? false : undefined;
      return all('no', 'udp', 'tcp') || !some('no', 'udp', 'tcp') ? false : undefined;
    }
  }
}

/** grew says whether a pod is without DNS, in the rule's sense, that was not without it before. */
function grew(rule: GapRule, subjects: readonly Subject[]): boolean | undefined {
  const over = rule === 'dns-over-udp-blocked' ? 'udp' : rule === 'dns-over-tcp-blocked' ? 'tcp' : undefined;
  const answers = subjects.map(({ udp, tcp, gapBefore }) => {
    if (over !== undefined) return (over === 'udp' ? udp : tcp) !== 'no' ? false : negated(gapBefore[over]);
    if (udp !== 'no' || tcp !== 'no')
      return rule === 'dns-partly-blocked' && (udp === 'no' || tcp === 'no') ? undefined : false;
    const parts = [negated(gapBefore.udp), negated(gapBefore.tcp)];
    // A pod that had one protocol and now has neither has lost DNS; one that had neither has lost nothing.
    return parts.includes(undefined) ? undefined : parts.includes(true);
  });
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

const negated = (value: boolean | 'unclear') => (value === 'unclear' ? undefined : !value);

/** dnsGap says what the contract expects of one rule about missing DNS. */
export function dnsGap(rule: GapRule, world: World): Expectation {
  const one = (policy: PolicyManifest, changed: boolean): Expectation => {
    if (!isolates(policy, 'Egress')) return 'absent';
    const subjects = podStates(world, policy).map((state) => subjectOf(state, world));
    const there = holds(rule, subjects);
    if (there === false) return 'absent';
    const worse = grew(rule, subjects);
    if (there === undefined && world.operation === 'AUDIT') return 'open';
    if (worse === false) return there === true && changed ? 'standing' : 'not blamed';
    return there === true && worse === true ? 'blamed' : 'open';
  };
  if (world.operation === 'AUDIT') return world.after === undefined ? 'absent' : one(world.after, true);
  return strongest(policiesAfter(world).map((policy) => one(policy, policy === world.after)));
}

/** isTolerated holds where `noEgressAtAll` applies: a selector that is not empty, and subjects that may connect nowhere. */
export function isTolerated(world: World): boolean {
  if (world.after === undefined || Object.keys(world.after.spec.podSelector).length === 0) return false;
  return podStates(world, world.after).every(({ after }) => after.length === 0);
}
