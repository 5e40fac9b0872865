import { AddressSet } from '../sets/address-set.ts';
import type { Opening } from './anywhere.ts';
import { describeAddresses, describePolicy, listOf } from './describe.ts';
import type { Fix, Issue } from './finding.ts';
import { entriesFor } from './reported-openings.ts';
import type { Situation } from './situation.ts';
import type { DnsWorld } from './snapshot.ts';

/** openingIssues turns openings into one issue for each rule of the changed policy at which one begins. */
export function* openingIssues(
  { reaches }: Situation,
  openings: readonly Opening[],
  fixFor: (world: DnsWorld) => Fix,
): Generator<Issue> {
  if (openings.length === 0) return;
  const fix = fixFor(reaches[0]?.world ?? { name: 'none', servers: [] });
  const byPath = new Map<string, Opening[]>();
  for (const opening of openings) {
    const path = opening.rules[0]?.rule.path ?? 'spec.egress';
    const same = byPath.get(path);
    if (same === undefined) byPath.set(path, [opening]);
    else same.push(opening);
  }
  for (const [path, at] of byPath) yield issueAt(path, at, fix);
}

function issueAt(path: string, openings: readonly Opening[], fix: Fix): Issue {
  const [first] = openings as readonly [Opening];
  const ports = listOf([...new Set(openings.flatMap(portsText))]);
  const where = describeAddresses(AddressSet.unionAll(openings.map(({ addresses }) => addresses)));
  const together = togetherText(openings);
  const risk =
    first.aim.port === 'every'
      ? 'so port 53 is open to any resolver too'
      : 'so a pod could tunnel data to any resolver';
  const uncertain = openings.find((opening) => opening.uncertain !== undefined)?.uncertain;
  return {
    path,
    message: `opens ${ports} to ${where}${together}, ${risk}`,
    fix,
    blamed: openings.some(({ blamed }) => blamed),
    ...(uncertain === undefined || openings.some((opening) => opening.uncertain === undefined) ? {} : { uncertain }),
  };
}

function portsText(opening: Opening): readonly string[] {
  const { protocol, port } = opening.aim;
  if (port === 'every') return [`every ${protocol} port`];
  return opening.rules.flatMap((open) =>
    open.rule.entries.length === 0 ? [`every ${protocol} port`] : entriesFor(open, opening).map((entry) => entry.text),
  );
}

function togetherText(openings: readonly Opening[]): string {
  const paths = openings.flatMap(({ rules }) => rules.slice(1).map(({ rule }) => rule.path));
  const parts = [...new Set([...paths, ...openings.flatMap(({ others }) => others.map(describePolicy))])];
  return parts.length === 0 ? '' : ` together with ${listOf(parts)}`;
}
