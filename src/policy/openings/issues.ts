import { AddressSet } from '../../sets/address-set.ts';
import { describeAddresses, describePolicy, listOf, portList } from '../model/describe.ts';
import { type Fix, type Issue, MAX_FINDINGS } from '../model/finding.ts';
import type { AllowRule } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import type { Situation } from '../situation/situation.ts';
import type { Opening } from './anywhere.ts';
import { type Aim, entriesFor, type InternetRule } from './internet-rules.ts';

/** openingIssues turns openings into one issue for each rule of the changed policy at which one begins. */
export function* openingIssues(
  { reaches }: Situation,
  openings: readonly Opening[],
  fixFor: (rule: AllowRule, world: DnsWorld) => Fix,
): Generator<Issue> {
  const world = reaches[0]?.world ?? { name: 'none', servers: [] };
  const byPath = new Map<string, Opening[]>();
  for (const opening of openings) {
    const [first] = opening.rules;
    if (first === undefined) continue;
    const { path } = first.rule;
    const same = byPath.get(path);
    if (same === undefined) byPath.set(path, [opening]);
    else same.push(opening);
  }
  let standing = 0;
  for (const at of byPath.values()) {
    const isBlamed = at.some(({ blamed }) => blamed);
    if (!isBlamed) standing += 1;
    // Of what only warns there may be thousands, and one more than are reported says that there is more.
    if (isBlamed || standing <= MAX_FINDINGS + 1) yield issueAt(at, fixFor, world);
  }
}

function issueAt(
  openings: readonly Opening[],
  fixFor: (rule: AllowRule, world: DnsWorld) => Fix,
  world: DnsWorld,
): Issue {
  const [{ aim, rules }] = openings as readonly [Opening];
  const [{ rule }] = rules as readonly [InternetRule];
  const ports = portList(openings.flatMap(portsText));
  const where = describeAddresses(AddressSet.unionAll(openings.map(({ addresses }) => addresses)));
  return {
    path: rule.path,
    message: `opens ${ports} to ${where}${togetherText(openings)}, ${riskOf(aim)}`,
    fix: fixFor(rule, world),
    blamed: openings.some(({ blamed }) => blamed),
  };
}

function riskOf({ port }: Aim): string {
  if (port === 'every') return 'so port 53 is open to any resolver too';
  if (port === 'named') return 'and some network plugins open whatever port a pod gives such a name, even 53';
  return 'so a pod could tunnel data to any resolver';
}

function portsText(opening: Opening): readonly string[] {
  const { protocol, port } = opening.aim;
  if (port === 'every') return [`every ${protocol} port`];
  if (port === 'named')
    return opening.rules.flatMap(({ rule }) => entriesFor(rule, opening.aim).map(({ text }) => text));
  const alone = `${protocol} ${port}`;
  return opening.rules.flatMap(({ rule }) => {
    if (rule.entries.length === 0) return [`${alone} (every port)`];
    return entriesFor(rule, opening.aim).map(({ text }) => (text === alone ? text : `${alone} (${text})`));
  });
}

function togetherText(openings: readonly Opening[]): string {
  const paths = openings.flatMap(({ rules }) => rules.slice(1).map(({ rule }) => rule.path));
  const parts = [...new Set([...paths, ...openings.flatMap(({ others }) => others.map(describePolicy))])];
  return parts.length === 0 ? '' : ` together with ${listOf(parts)}`;
}
