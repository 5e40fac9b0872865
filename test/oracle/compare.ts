import { stringify } from 'yaml';
import type { Finding } from '../../src/policy/finding.ts';
import { isTolerated } from './dns-gaps.ts';
import type { Engine } from './engine.ts';
import type { Expectation } from './expectation.ts';
import type { World } from './manifest.ts';
import { expected } from './oracle.ts';

type Said = 'blamed' | 'standing' | 'absent' | 'uncertain';

const AGREES: Readonly<Record<Expectation, readonly Said[]>> = {
  blamed: ['blamed'],
  standing: ['standing'],
  absent: ['absent'],
  'not blamed': ['standing', 'absent'],
  open: ['blamed', 'standing', 'absent', 'uncertain'],
};

function said(findings: readonly Finding[]): Said {
  if (findings.some(({ uncertain }) => uncertain !== undefined)) return 'uncertain';
  if (findings.length === 0) return 'absent';
  return findings.some(({ blamed }) => blamed) ? 'blamed' : 'standing';
}

/** Tally counts, over many worlds, how often each rule was expected to be what. */
export type Tally = Map<string, Map<Expectation, number>>;

/** disagreement asks both and returns what they differ on, with the world as YAML; undefined where they agree. */
export function disagreement(world: World, engine: Engine, tally?: Tally): string | undefined {
  const findings = engine.findings(world);
  const lines: string[] = [];
  for (const [rule, expectation] of Object.entries(expected(world))) {
    const own = findings.filter((finding) => finding.rule === rule);
    if (!AGREES[expectation].includes(said(own))) {
      lines.push(`${rule}: the contract expects "${expectation}", the engine says "${said(own)}"`);
    }
    const counts = tally?.get(rule) ?? new Map<Expectation, number>();
    counts.set(expectation, (counts.get(expectation) ?? 0) + 1);
    tally?.set(rule, counts);
    if (rule === 'dns-blocked' && world.operation === 'AUDIT' && expectation === 'blamed') {
      const tolerated = own.some((finding) => finding.tolerated === true);
      if (tolerated !== isTolerated(world)) lines.push(`${rule}: noEgressAtAll should count: ${isTolerated(world)}`);
    }
  }
  return lines.length === 0 ? undefined : describe(world, lines, findings);
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
    ...findings.map(
      ({ rule, path, blamed, message }) => `  [${rule}] ${blamed ? 'blamed' : 'standing'} ${path}: ${message}`,
    ),
    ...documents.map(([title, policy]) => `--- # ${title}\n${stringify(policy)}`),
  ].join('\n');
}
