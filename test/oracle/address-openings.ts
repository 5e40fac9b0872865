import { type Atoms, atomsOfBlock, familyPart, isAnywhere, isWithin, publicAtoms } from './atoms.ts';
import { type Expectation, softened, strongest } from './expectation.ts';
import type { RuleManifest, World } from './manifest.ts';
import { addressesOf, egressRules, opensNumber, type Transport } from './matching.ts';
import { podStates } from './states.ts';
import { ALLOWED_RESOLVER, PORT_SAMPLES } from './vocabulary.ts';

/** Reached is where some rules let a pod connect over one protocol. */
interface Reached {
  /** Addresses open on every port. */
  readonly everyPort: Atoms;
  /** Addresses open on port 53. */
  readonly dns: Atoms;
  /** Those of them that are open by rules which do not open every port: rules about DNS. */
  readonly byName: Atoms;
}

/** The addresses that a rule's blocks stand for: an IPv4 address in IPv6 clothes is that IPv4 address. */
const publicTargets = (rule: RuleManifest) => publicAtoms(addressesOf(rule));

function reached(rules: readonly RuleManifest[], protocol: Transport, targets = publicTargets): Reached {
  const opened = (port: number, among = rules) =>
    among.reduce((all, rule) => (opensNumber(rule, protocol, port) ? all | targets(rule) : all), 0n);
  const narrow = rules.filter((rule) => !PORT_SAMPLES.every((port) => opensNumber(rule, protocol, port)));
  return {
    everyPort: PORT_SAMPLES.map((port) => opened(port)).reduce((all, one) => all & one),
    dns: opened(53),
    byName: opened(53, narrow),
  };
}

function inFamily({ everyPort, dns, byName }: Reached, family: 4 | 6): Reached {
  const part = (atoms: Atoms) => familyPart(atoms, family);
  return { everyPort: part(everyPort), dns: part(dns), byName: part(byName) };
}

function wide(rules: readonly RuleManifest[], protocol: Transport, family: 4 | 6): Atoms {
  const single = rules.map((rule) => familyPart(reached([rule], protocol).dns, family));
  return single.filter((atoms) => isAnywhere(atoms)).reduce((all, one) => all | one, 0n);
}

/** Sight is all that there is to see of one pod over one protocol and one family of addresses: each is judged alone. */
interface Sight {
  readonly audit: boolean;
  readonly after: Reached;
  readonly before: Reached;
  /** What the changed policy opens, and what the others open. */
  readonly own: Reached;
  readonly others: Reached;
  /** What single rules of the changed policy open on port 53 that are open to anywhere by themselves. */
  readonly ownWide: Atoms;
  /** Holds where addresses that are not public were opened besides, or public ones in other clothes. */
  readonly otherGrowth: boolean;
}

function sights(world: World): Sight[] {
  const { after } = world;
  if (after === undefined) return [];
  return podStates(world, after).flatMap((state) =>
    (['UDP', 'TCP'] as const).flatMap((protocol) => {
      const now = reached(state.after, protocol);
      const was = reached(state.before, protocol);
      const ownRules = egressRules([after], state.pod);
      const own = reached(ownRules, protocol);
      const others = reached(egressRules(world.standing, state.pod), protocol);
      const [nowAll, wasAll] = [state.after, state.before].map((rules) => reached(rules, protocol, addressesOf));
      const otherGrowth = nowAll === undefined || wasAll === undefined || !isWithin(nowAll.dns, wasAll.dns);
      return ([4, 6] as const).map(
        (family): Sight => ({
          audit: world.operation === 'AUDIT',
          after: inFamily(now, family),
          before: inFamily(was, family),
          own: inFamily(own, family),
          ownWide: wide(ownRules, protocol, family),
          others: inFamily(others, family),
          otherGrowth,
        }),
      );
    }),
  );
}

/** whereNotGrown says what is left to expect where the after-state grants nothing that was not granted before. */
function whereNotGrown(sight: Sight, alone: boolean): Expectation {
  if (sight.otherGrowth) return 'open';
  return alone ? 'standing' : 'not blamed';
}

/** What closes the last holes of an opening that was there may count as a part of it, or as a lesser thing. */
const closesHoles = (thereBefore: boolean, alone: boolean) => thereBefore && !alone;

function egressOpen(sight: Sight): Expectation {
  const { after, before, own, others } = sight;
  if (!isAnywhere(after.everyPort)) return 'absent';
  const alone = isAnywhere(own.everyPort);
  if (!sight.audit) {
    if (isWithin(after.everyPort, before.everyPort)) return whereNotGrown(sight, alone);
    return closesHoles(isAnywhere(before.everyPort), alone) ? 'open' : 'blamed';
  }
  if (alone || !isAnywhere(others.everyPort)) return 'blamed';
  const addsNothing = own.everyPort === 0n && own.dns === 0n && isWithin(after.everyPort, others.everyPort);
  return addsNothing ? 'not blamed' : 'open';
}

/** opensDns is undefined where port 53 reaches a little past an opening of every port. */
function opensDns({ everyPort, dns }: Reached): boolean | undefined {
  if (!isAnywhere(dns)) return false;
  if (!isAnywhere(everyPort)) return true;
  const rest = dns & ~everyPort;
  return rest === 0n ? false : isAnywhere(rest) ? true : undefined;
}

function dnsOpen(sight: Sight): Expectation {
  const { after, before, own, others } = sight;
  const alone = opensDns(own) === true;
  const there = opensDns(after);
  if (there === undefined) return 'open';
  // A rule about DNS within what other rules open whole may be reported beside them, or not.
  if (!there) return alone || (isAnywhere(after.dns) && own.dns !== 0n) ? 'open' : 'absent';
  const rest = isAnywhere(after.everyPort) ? after.dns & ~after.everyPort : after.dns;
  if (sight.audit) {
    if (own.dns === 0n) return 'absent';
    return (own.byName & rest) !== 0n && (alone || opensDns(others) === false) ? 'blamed' : 'open';
  }
  const growth = after.dns & ~before.dns;
  if (growth === 0n) return whereNotGrown(sight, alone);
  if (closesHoles(opensDns(before) === true, alone)) return 'open';
  return (growth & rest & own.byName) === 0n ? 'open' : 'blamed';
}

const allowed = publicAtoms(atomsOfBlock(ALLOWED_RESOLVER));

function outsideResolver(sight: Sight): Expectation {
  const { after, before, own } = sight;
  if (isAnywhere(after.dns)) {
    const rest = after.dns & ~after.everyPort & ~allowed;
    const leftOver = isAnywhere(after.everyPort) && rest !== 0n && !isAnywhere(rest);
    // What other rules open to anywhere is reported there; whether this one is told of its part is left open.
    return leftOver || !isWithin(own.dns, sight.ownWide) ? 'open' : 'absent';
  }
  const mine = own.dns & ~allowed;
  if (mine === 0n) return 'absent';
  if (sight.audit) return 'blamed';
  return isWithin(after.dns & ~allowed, before.dns) ? 'standing' : 'blamed';
}

/** addressOpenings says what the contract expects of the three rules about addresses that port 53 is open to. */
export function addressOpenings(world: World): Record<string, Expectation> {
  if (world.after === undefined) {
    return {
      'egress-open-to-anywhere': 'not blamed',
      'dns-open-to-anywhere': 'not blamed',
      'dns-open-to-outside-resolver': 'not blamed',
    };
  }
  const seen = sights(world);
  const egress = strongest(seen.map(egressOpen));
  const dns = strongest(seen.map(dnsOpen));
  return {
    'egress-open-to-anywhere': egress,
    // A policy that is refused for the greater fault may be spared the lesser one, for other pods or addresses.
    'dns-open-to-anywhere': softened(dns, egress),
    'dns-open-to-outside-resolver': softened(strongest(seen.map(outsideResolver)), strongest([egress, dns])),
  };
}
