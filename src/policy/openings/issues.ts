import { AddressSet } from '../../sets/address-set.ts';
import type { Fraction } from '../../sets/globally-routable.ts';
import type { DnsReach } from '../dns/reach.ts';
import { describePolicy, isMostOfAll, listOf, percent } from '../model/describe.ts';
import { type Issue, MAX_FINDINGS } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import type { Opening } from './anywhere.ts';
import { type Aim, entriesFor, type InternetRule } from './internet-rules.ts';
import { whereText } from './where.ts';

/** FixForOpening writes the fix for the rule of the changed policy where an opening begins. */
export type FixForOpening = (rule: AllowRule, policy: Policy, reach: DnsReach) => Fix;

/** openingIssues turns openings into one issue for each rule of the changed policy where one begins. */
export function* openingIssues(
  situation: Situation,
  openings: readonly Opening[],
  fixFor: FixForOpening,
): Generator<Issue> {
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
    // There may be thousands of mere warnings; one more than are reported shows that there are more.
    if (isBlamed || standing <= MAX_FINDINGS + 1) yield* issueAt(situation, at, fixFor);
  }
}

function* issueAt(
  { policy, reaches, settings }: Situation,
  openings: readonly Opening[],
  fixFor: FixForOpening,
): Generator<Issue> {
  const [reach] = reaches;
  if (policy === undefined || reach === undefined) return;
  const [{ aim, rules }] = openings as readonly [Opening];
  const [{ rule }] = rules as readonly [InternetRule];
  const addresses = AddressSet.unionAll(openings.map((opening) => opening.addresses));
  const where = whereText(addresses, openings);
  const isAnywhere = isMostOfAll(addresses);
  const limit = isAnywhere ? '' : ` (${limitText(settings.dns.anywhereThreshold)} or more counts as anywhere)`;
  const opens = `opens ${portsAt(openings)} to ${where}${togetherText(openings)}`;
  const risk = aim.port === 'named' && !opensNames(openings) ? OTHER_NAMES : riskOf(aim);
  yield {
    path: rule.path,
    headline: `${predicateOf(openings)} to ${isAnywhere ? 'anywhere' : where}`,
    why: `${rule.path} ${opens}${limit}, ${risk}.`,
    short: `${rule.path} ${opens}, ${risk}`,
    fix: fixFor(ruleToFix(openings, settings.dns.ports), policy, reach),
    blamed: openings.some(({ blamed }) => blamed),
  };
}

/** If several rules together open every port, the one that opens a DNS port is the one to change. */
function ruleToFix(openings: readonly Opening[], dnsPorts: readonly number[]): AllowRule {
  const [{ aim, rules }] = openings as readonly [Opening];
  const [{ rule }] = rules as readonly [InternetRule];
  if (aim.port !== 'every') return rule;
  const opensDns = rules.find((open) => dnsPorts.some((port) => open.rule.ports.has(aim.protocol, port)));
  return opensDns?.rule ?? rule;
}

function limitText({ numerator, denominator }: Fraction): string {
  return `${numerator}/${denominator} = ${percent(Number(numerator) / Number(denominator))}`;
}

function riskOf({ port }: Aim): string {
  if (port === 'every') return 'which includes DNS to resolvers outside the cluster';
  if (port === 'named') return 'and some network plugins open whatever port a pod gives such a name, even 53';
  return 'so a pod can tunnel data out through any resolver there';
}

/** Where a rule without names adds to those of others. */
const OTHER_NAMES = 'where the others open ports by name, which some network plugins open as any number, even 53';

function opensNames(openings: readonly Opening[]): boolean {
  return openings.some(({ aim, rules: [first] }) => (first?.rule.ports.names[aim.protocol].length ?? 0) > 0);
}

function predicateOf(openings: readonly Opening[]): string {
  const [{ aim }] = openings as readonly [Opening];
  if (aim.port !== 'named') return `opens ${portsInShort(openings)}`;
  return opensNames(openings) ? 'opens named ports' : 'adds to named ports open';
}

function portsInShort(openings: readonly Opening[]): string {
  const [{ aim }] = openings as readonly [Opening];
  const protocols = new Set(openings.map((opening) => opening.aim.protocol));
  if (aim.port === 'every') return protocols.size > 1 ? 'every port' : `every ${aim.protocol} port`;
  const numbers = [...new Set(openings.map((opening) => `${opening.aim.port}`))];
  return `${numbers.length === 1 ? 'port' : 'ports'} ${listOf(numbers)}`;
}

function portsAt(openings: readonly Opening[]): string {
  const [{ aim }] = openings as readonly [Opening];
  if (aim.port !== 'every') return listOf([...new Set(openings.flatMap(portsText))]);
  const protocols = [...new Set(openings.map((opening) => opening.aim.protocol))];
  return `all ${protocols.join(' and ')} ports`;
}

/** What the rule itself opens; others are named behind it. */
function portsText({ aim, rules: [first] }: Opening): readonly string[] {
  if (first === undefined) return [];
  const { rule } = first;
  const entries = entriesFor(rule, aim).map(({ text }) => text);
  if (aim.port === 'named') return entries.length === 0 ? [`${aim.protocol} (every port)`] : entries;
  const number = `${aim.protocol} ${aim.port}`;
  if (rule.entries.length === 0) return [`${number} (every port)`];
  return entries.map((text) => (text === number ? text : `${number} (${text})`));
}

function togetherText(openings: readonly Opening[]): string {
  const paths = openings.flatMap(({ rules }) => rules.slice(1).map(({ rule }) => rule.path));
  const parts = [...new Set([...paths, ...openings.flatMap(({ others }) => others.map(describePolicy))])];
  return parts.length === 0 ? '' : ` together with ${listOf(parts)}`;
}
