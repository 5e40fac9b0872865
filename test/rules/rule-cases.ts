import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withEnforce } from '../../src/config/compile.ts';
import { readConfiguration } from '../../src/config/load.ts';
import { readManifests } from '../../src/manifests/text/manifests.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { findingText, fixLines } from '../../src/policy/messages/finding-text.ts';
import type { DnsServer } from '../../src/policy/model/dns-server.ts';
import type { Finding } from '../../src/policy/model/finding.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { readWorld, worldOptions } from '../../src/report/world.ts';
import { discover } from './discover.ts';

/** CASES is the folder of cases: `<rule>/invalid/<case>.yaml` with its `.out`, and `<rule>/valid/<case>.yaml`. */
export const CASES: string = import.meta.dirname;

/** RuleCase is a small cluster as manifests. */
export interface RuleCase {
  /** Without its ending; a sentence with hyphens. */
  readonly name: string;
  /** Path of the file that holds the expected report. */
  readonly expected: string;
  readonly manifests: string;
}

/** rulesWithCases lists the folders of cases. */
export function rulesWithCases(): readonly string[] {
  const entries = readdirSync(CASES, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** readCases reads the cases of one rule; none where the folder is missing. */
export function readCases(rule: string, kind: 'invalid' | 'valid'): readonly RuleCase[] {
  const folder = join(CASES, rule, kind);
  return filesIn(folder, '.yaml').map((name) => ({
    name,
    expected: join(folder, `${name}.out`),
    manifests: readFileSync(join(folder, `${name}.yaml`), 'utf8'),
  }));
}

/** filesIn lists the files of a folder with this ending, without it. */
export function filesIn(folder: string, ending: string): readonly string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith(ending));
    return files.map((file) => file.slice(0, -ending.length)).sort();
  } catch {
    return [];
  }
}

/** Judgement is what the engine says of a case. */
export interface Judgement {
  /** Of every policy, in the order of the manifests. */
  readonly findings: readonly Finding[];
  readonly policies: number;
  /** Who is cluster DNS, in every world that is possible. */
  readonly servers: readonly DnsServer[];
  /** What the API server would refuse before any rule is asked. */
  readonly refused: readonly string[];
}

/**
 * judgeCase judges every policy of a case as if all of it were there, with `enforce: strict`. A GuardConfiguration
 * among the documents is the configuration; Services and Pods stand for what discovery would see.
 */
export function judgeCase(manifests: string): Judgement {
  const { objects, unreadable } = readManifests([new SourceText('case', manifests)]);
  const configuration = manifests.split(/^---$/m).find((document) => /^kind: GuardConfiguration$/m.test(document));
  const { settings } = readConfiguration(configuration ?? 'kind: GuardConfiguration', 'configuration');
  const strict = withEnforce(settings, 'strict');
  const world = readWorld(objects, worldOptions(strict, 'default'));
  const snapshot = discover(manifests, offlineSnapshot(world, strict), strict);
  const findings = world.given.flatMap(({ policy }) => {
    const change = { operation: 'AUDIT', namespace: policy.ref.namespace, after: policy } as const;
    return evaluate(change, snapshot, strict, 0).findings;
  });
  const problems = world.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return {
    findings,
    policies: world.given.length,
    servers: snapshot.dns.worlds.flatMap(({ servers }) => servers),
    refused: [...unreadable.map(({ message }) => message), ...problems],
  };
}

/** reportOf prints findings one below the other, as a developer would read them, and each in one line as a warning has it. */
export function reportOf(findings: readonly Finding[]): string {
  const saidOf = new Map<string, Set<string>>();
  return findings
    .map((finding) => {
      const { namespace, name = '' } = finding.object;
      const said = saidOf.get(`${namespace}/${name}`) ?? new Set();
      saidOf.set(`${namespace}/${name}`, said);
      return blockOf(finding, said);
    })
    .join('\n');
}

function blockOf(finding: Finding, said: Set<string>): string {
  const { effect, path, short } = finding;
  const { headline, why, steps } = findingText(finding);
  const lines = [`# ${effect} at ${path}`, ...headline, ...why, ...fixLines(steps, said), `# ${short}`];
  return lines.map((line) => `${line}\n`).join('');
}
