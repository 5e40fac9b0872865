import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsServer } from '../../src/policy/model/dns-server.ts';
import type { Finding } from '../../src/policy/model/finding.ts';
import { addressesOf } from '../../src/sets/cidr.ts';
import { dnsFacts, Engine } from '../oracle/engine.ts';
import { planeWorld, shopWorld, sliceWorld, wayWorld } from '../oracle/generate.ts';
import type { PolicyManifest, World } from '../oracle/manifest.ts';
import { DNS_ADDRESSES } from '../oracle/places.ts';
import { applyFix, editsOf, type Manifest } from './apply-edits.ts';
import { isolatedAnew, openedAnew } from './harm.ts';

/** A policy may have the same fault many times, and a fix is for one of them. */
const MOST_ROUNDS = 20;

/** Only a person knows where the upstream resolvers are, and which pods are behind a Service. */
const NOT_HARMLESS = /^Let the DNS servers ask other resolvers/;

function serversOf({ dnsPort }: World): readonly DnsServer[] {
  return dnsFacts(dnsPort, addressesOf(...DNS_ADDRESSES), new Map()).worlds.flatMap(({ servers }) => servers);
}

function documentsOf({ standing, after }: World): Manifest[] {
  return structuredClone([...standing, ...(after === undefined ? [] : [after])]) as unknown as Manifest[];
}

/** The world in which somebody followed the fix before the change. */
function followed(world: World, finding: Finding): World {
  const documents = documentsOf(world);
  applyFix(documents, finding);
  const isChanged = (document: PolicyManifest) => document.metadata.name === world.after?.metadata.name;
  const policies = documents as unknown as readonly PolicyManifest[];
  const after = policies.find(isChanged);
  const standing = policies.filter((document) => !isChanged(document));
  return { ...world, standing, ...(after && { after }) };
}

function check(world: World, engine: Engine): void {
  const rules = new Set(engine.findings(world).map(({ rule }) => rule));
  for (const rule of rules) {
    let now = world;
    for (let round = 0; ; round += 1) {
      const finding = engine.findings(now).find((candidate) => candidate.rule === rule && candidate.blamed);
      if (finding === undefined || editsOf(finding).length === 0) break;
      expect(round, `${rule} is never done with`).toBeLessThan(MOST_ROUNDS);
      const next = followed(now, finding);
      const [before, after] = [documentsOf(now), documentsOf(next)];
      expect(isolatedAnew(before, after), `${rule} isolates`).toEqual([]);
      const isHarmless = !NOT_HARMLESS.test(finding.fix.steps[0].text);
      if (isHarmless) expect(openedAnew(before, after, serversOf(world)), `${rule} opens`).toEqual([]);
      now = next;
    }
  }
}

describe('following the fixes of random worlds comes to an end, isolates nobody and opens nothing but cluster DNS', () => {
  it.each([
    ['an ordinary namespace', shopWorld],
    ['openings that add up', sliceWorld],
    ['pods that gain and lose ways to DNS', wayWorld],
    ['the namespace of the DNS servers', planeWorld],
  ] as const)('%s', { timeout: 120_000 }, (_, worlds) => {
    const engine = new Engine();
    fc.assert(
      fc.property(worlds, (world) => check(world, engine)),
      { numRuns: 80, seed: 20261130 },
    );
  });
});
