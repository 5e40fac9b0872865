import { type Atoms, atomsOfBlock, isAnywhere, publicAtoms } from './atoms.ts';
import { type Answer, answerOf, type Expectation, joined, only } from './expectation.ts';
import type { PolicyManifest, RuleManifest, World } from './manifest.ts';
import { hasNames, isolates, opensNumber } from './matching.ts';
import { type OwnGrants, ownGrants, type Partnership, partnerships, type Subject, subjectsOf } from './partnerships.ts';
import { type Aim, isNewly, LANES, type Lane, opened, publicGrants } from './public-grants.ts';
import { ALLOWED_RESOLVER } from './vocabulary.ts';

/** LaneOpenings is what the contract expects of one lane. */
export interface LaneOpenings {
  readonly lane: Lane;
  /** Holds where every port is open to anywhere with the help of other policies alone. */
  readonly isShared: boolean;
  readonly 'egress-open-to-anywhere': Expectation;
  readonly 'dns-open-to-anywhere': Expectation;
  readonly 'dns-open-to-outside-resolver': Expectation;
  readonly 'encrypted-dns-open-to-anywhere': Expectation;
  readonly 'named-port-to-anywhere': Expectation;
  /** The same, with what is left out since it is said of port 53. */
  readonly names: Expectation;
}

/** Spared is what has been reported of a pod by a greater rule: it is not reported again. */
type Spared = (subject: Subject) => Atoms;

const always = (atoms: Atoms): Spared => {
  return () => atoms;
};

const nothing = always(0n);

/** Scene is the changed policy in one lane. */
interface Scene {
  readonly isAudit: boolean;
  readonly own: OwnGrants;
  readonly subjects: readonly Subject[];
}

interface Opening {
  readonly answer: Answer;
  readonly with: ReadonlyMap<Subject, readonly Partnership[]>;
}

/** openingOf is blamed where the changed policy opens a part of it that the pod was not granted before. */
function openingOf(
  { isAudit, own, subjects }: Scene,
  aim: Aim,
  spared: Spared,
  counts: (partnership: Partnership) => boolean = () => true,
): Opening {
  const found = new Map(
    subjects.map((subject) => [subject, partnerships(own, subject, aim, spared(subject)).filter(counts)]),
  );
  const isFresh = (subject: Subject, { grants }: Partnership) =>
    isNewly(own.grants, subject.before, opened(grants, aim) & ~spared(subject), aim);
  const all = [...found].flatMap(([subject, several]) => several.map((one) => ({ subject, one })));
  return {
    answer: answerOf(all.length > 0, isAudit || all.some(({ subject, one }) => isFresh(subject, one))),
    with: found,
  };
}

/** Part is what a partnership opens to a subject, as far as lesser rules are concerned. */
type Part = (partnership: Partnership, subject: Subject) => Atoms;

/**
 * sparedBy says what a reported opening takes away from lesser rules. Where the changed policy opens it alone, that is
 * one answer. Where others add to it, this is the one place at which the contract leaves room: the engine reports one of
 * the partnerships. If it is blamed, the same addresses may be spared at pods which that partnership does not select; if it
 * stood before and does not select them all, nothing may be spared.
 */
function sparedBy({ answer, with: found }: Opening, part: Part): readonly Spared[] {
  const all = [...found.values()].flat();
  if (all.length === 0) return [nothing];
  const exact: Spared = (subject) => (found.get(subject) ?? []).reduce((sum, one) => sum | part(one, subject), 0n);
  if (all.every(({ isAlone }) => isAlone)) return [exact];
  const parts = [...found].flatMap(([subject, several]) =>
    several.filter(({ isOfAll }) => isOfAll || answer === 'blamed').map((one) => part(one, subject)),
  );
  const everywhere = [...new Set(parts)].map(always);
  const mayBeNothing = answer === 'standing' && !all.every(({ isOfAll }) => isOfAll);
  return [exact, ...everywhere, ...(mayBeNothing ? [nothing] : [])];
}

const both =
  (one: Spared, other: Spared): Spared =>
  (subject) =>
    one(subject) | other(subject);

const allowed = publicAtoms(atomsOfBlock(ALLOWED_RESOLVER));

/** What the policy opens on port 53 besides, past the operator's list, is an outside resolver. */
function outsideResolver({ isAudit, own, subjects }: Scene, spared: Spared): Answer {
  const parts = subjects.map((subject) => ({
    outside: opened(own.grants, 53) & ~allowed & ~spared(subject),
    before: opened(subject.before, 53),
  }));
  return answerOf(
    parts.some(({ outside }) => outside !== 0n),
    isAudit || parts.some(({ outside, before }) => (outside & ~before) !== 0n),
  );
}

/** Rules that make an opening of port 53: those that are open to anywhere by themselves, and what reaches past them. */
function rulesOfOpening(rules: readonly RuleManifest[], lane: Lane, spared: Atoms): readonly RuleManifest[] {
  const reach = (several: readonly RuleManifest[]) => opened(publicGrants(several, lane), 53) & ~spared;
  const wide = rules.filter((rule) => isAnywhere(reach([rule])));
  return [...wide, ...rules.filter((rule) => (reach([rule]) & ~reach(wide)) !== 0n)];
}

/** Items of their `ports` that open 53 and 853 at once, a range or every port, are reported once. */
function inOneItem(rules: readonly RuleManifest[], lane: Lane): Atoms {
  const single = rules.flatMap(({ ports, ...rule }): RuleManifest[] =>
    ports === undefined ? [rule] : ports.map((port) => ({ ...rule, ports: [port] })),
  );
  const wide = single.filter((rule) => [53, 853].every((port) => opensNumber(rule, lane.protocol, port)));
  return opened(publicGrants(wide, lane), 853);
}

function inLane(world: World, after: PolicyManifest, lane: Lane): LaneOpenings {
  const rules = isolates(after, 'Egress') ? (after.spec.egress ?? []) : [];
  const scene: Scene = {
    isAudit: world.operation === 'AUDIT',
    own: ownGrants(rules, lane),
    subjects: subjectsOf(world, after.spec.podSelector, lane),
  };
  const egress = openingOf(scene, 'every', nothing);
  const [dns, outside, encrypted] = [new Set<Answer>(), new Set<Answer>(), new Set<Answer>()];
  const named = new Set<Answer>();
  for (const byEgress of sparedBy(egress, ({ grants }) => opened(grants, 'every'))) {
    const opening = openingOf(scene, 53, byEgress);
    dns.add(opening.answer);
    for (const byDns of sparedBy(opening, () => opened(scene.own.grants, 53))) {
      outside.add(outsideResolver(scene, both(byEgress, byDns)));
      for (const answer of byName(scene, byEgress, both(byEgress, byDns))) named.add(answer);
    }
    const items = (subject: Subject) => inOneItem(rulesOfOpening(rules, lane, byEgress(subject)), lane);
    for (const byDns of sparedBy(opening, (_, subject) => items(subject))) {
      encrypted.add(openingOf(scene, 853, both(byEgress, byDns)).answer);
    }
  }
  return {
    lane,
    isShared: [...egress.with.values()].flat().some(({ isAlone }) => !isAlone),
    'egress-open-to-anywhere': only(egress.answer),
    'dns-open-to-anywhere': dns,
    'dns-open-to-outside-resolver': outside,
    'encrypted-dns-open-to-anywhere': encrypted,
    names: named,
    'named-port-to-anywhere': unlessAboutDns(rules, lane, named, dns),
  };
}

/**
 * Names, and what opens every port, add up by themselves; where they do not, with what port 53 opens by its number. The
 * engine may report a partnership of which no name is an essential part, and leave it out, where there are others.
 */
function byName(scene: Scene, byEgress: Spared, byDns: Spared): readonly Answer[] {
  const passes = [
    { aim: 'named', spared: byEgress },
    { aim: 'named or 53', spared: byDns },
  ] as const;
  for (const { aim, spared } of passes) {
    const { answer } = openingOf(scene, aim, spared, ({ isByName }) => isByName);
    const others = openingOf(scene, aim, spared, ({ isByName }) => !isByName);
    if (answer === 'absent') continue;
    return others.answer === 'absent' ? [answer] : [answer, 'standing', 'absent'];
  }
  return ['absent'];
}

/** A rule about DNS that names its port beside the number is mended by what is said of the number. */
function unlessAboutDns(rules: readonly RuleManifest[], lane: Lane, names: Expectation, dns: Expectation): Expectation {
  const isBoth = (rule: RuleManifest) =>
    hasNames(rule, lane.protocol) &&
    opensNumber(rule, lane.protocol, 53) &&
    (rule.ports ?? []).every(({ port }) => port === 53 || port === 5353 || port === 'dns' || port === 'dns-tcp');
  const isSaid = rules.some(isBoth) && [...dns].some((answer) => answer !== 'absent');
  return isSaid ? new Set([...names, 'standing', 'absent']) : names;
}

export const ADDRESS_RULES = [
  'egress-open-to-anywhere',
  'dns-open-to-anywhere',
  'dns-open-to-outside-resolver',
  'encrypted-dns-open-to-anywhere',
  'named-port-to-anywhere',
] as const;

/** addressOpenings says what the contract expects of the rules about public addresses, in each lane. */
export function addressOpenings(world: World): readonly LaneOpenings[] {
  const { after } = world;
  return after === undefined ? [] : LANES.map((lane) => inLane(world, after, lane));
}

/** inAllLanes joins what the lanes expect of one rule; nothing is opened where the policy is gone. */
export function inAllLanes(lanes: readonly LaneOpenings[], rule: (typeof ADDRESS_RULES)[number]): Expectation {
  return joined(lanes.map((lane) => lane[rule]));
}
