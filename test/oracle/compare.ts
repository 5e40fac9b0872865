import { stringify } from 'yaml';
import type { Finding } from '../../src/policy/model/finding.ts';
import { isTolerated } from './dns-gaps.ts';
import type { Engine } from './engine.ts';
import type { Answer } from './expectation.ts';
import type { World } from './manifest.ts';
import { expected } from './oracle.ts';

type Said = Answer | 'uncertain';

function said(findings: readonly Finding[]): Said {
  if (findings.some(({ uncertain }) => uncertain !== undefined)) return 'uncertain';
  if (findings.length === 0) return 'absent';
  return findings.some(({ blamed }) => blamed) ? 'blamed' : 'standing';
}

/** Tally counts, over many worlds, how often which answers were expected of each rule: `blamed`, or `blamed or absent`. */
export type Tally = Map<string, Map<string, number>>;

/** disagreement asks both and returns what they differ on, with the world as YAML; undefined where they agree. */
export function disagreement(world: World, engine: Engine, tally?: Tally): string | undefined {
  const findings = engine.findings(world);
  const lines: string[] = [];
  for (const [rule, expectation] of Object.entries(expected(world))) {
    const own = findings.filter((finding) => finding.rule === rule);
    const answer = said(own);
    const wanted = [...expectation].join(' or ');
    if (answer === 'uncertain' || !expectation.has(answer)) {
      lines.push(`${rule}: the contract expects "${wanted}", the engine says "${answer}"`);
    }
    if (tally !== undefined) count(tally, rule, wanted);
    if (rule === 'dns-blocked' && world.operation === 'AUDIT' && expectation.has('blamed')) {
      const tolerated = own.some((finding) => finding.tolerated === true);
      if (tolerated !== isTolerated(world)) lines.push(`${rule}: noEgressAtAll should count: ${isTolerated(world)}`);
    }
  }
  return lines.length === 0 ? undefined : describe(world, lines, findings);
}

function count(tally: Tally, rule: string, wanted: string): void {
  const counts = tally.get(rule) ?? new Map<string, number>();
  counts.set(wanted, (counts.get(wanted) ?? 0) + 1);
  tally.set(rule, counts);
}

function describe(world: World, lines: readonly string[], findings: readonly Finding[]): string {
  const documents = [
    ...world.standing.map((policy) => ['stands beside the change', policy] as const),
    ...(world.before === undefined ? [] : [['before', world.before] as const]),
    ...(world.after === undefined ? [] : [['after', world.after] as const]),
  ];
  return [
    `${world.operation} in ${world.namespace}, DNS servers on port ${world.dnsPort}:`,
    ...lines.map((line) => `  ${line}`),
    'The engine found:',
    ...findings.map(({ rule, path, blamed, why }) => `  [${rule}] ${blamed ? 'blamed' : 'standing'} ${path}: ${why}`),
    ...documents.map(([title, policy]) => `--- # ${title}\n${stringify(policy)}`),
  ].join('\n');
}
