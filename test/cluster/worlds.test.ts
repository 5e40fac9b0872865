import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Light, openLight } from './light/light.ts';
import { CLIENTS, type DnsPort } from './light/places.ts';
import { record } from './report.ts';
import { applyWorld, askPackets } from './worlds/packets.ts';
import { runWorlds } from './worlds/run.ts';
import { Tally } from './worlds/tally.ts';
import { recordTraits } from './worlds/trait-rows.ts';
import { QUESTIONS, type World } from './worlds/world.ts';

const form = inject('form');

/** A long run draws new worlds each time; what CI runs is the same each time. */
const seed = form === 'long' ? Date.now() % 2 ** 31 : 20_261_121;

interface Part {
  readonly dnsPort: DnsPort;
  readonly count: number;
}

const PARTS: readonly Part[] =
  form === 'long'
    ? [
        { dnsPort: 53, count: 300 },
        { dnsPort: 5353, count: 100 },
      ]
    : [
        { dnsPort: 53, count: 30 },
        { dnsPort: 5353, count: 10 },
      ];

const tallies: Tally[] = [];

describe.each(PARTS)(`$count random worlds of seed ${seed}, DNS servers on port $dnsPort`, ({ dnsPort, count }) => {
  const free: World = { dnsPort, namespaces: {}, clients: CLIENTS.map(() => ({})), policies: [] };
  let light: Light;

  beforeAll(async () => {
    const began = performance.now();
    light = await openLight(dnsPort);
    const time = `${Math.round(performance.now() - began)} ms`;
    record('times', { what: `the light form, DNS servers on port ${dnsPort}, until kube-router enforces`, time });
  });

  afterAll(() => light?.close());

  it('begin where every pod reaches everything, since there is no policy', async () => {
    await applyWorld(light, free);
    expect([...(await askPackets(light)).values()]).toEqual(QUESTIONS.map(() => true));
  });

  it('are to packets what they are to the engine and to brute force', async () => {
    const tally = new Tally();
    const began = performance.now();
    await runWorlds(light, count, seed, tally);
    const each = Math.round((performance.now() - began) / count);
    expect(tally.faults).toEqual([]);
    for (const target of ['dns', 'documentation', 'public']) {
      for (const transport of ['UDP', 'TCP']) {
        expect(tally.of(`${target} ${transport} reached`), `${target} ${transport} reached`).toBeGreaterThan(count);
        expect(tally.of(`${target} ${transport} refused`), `${target} ${transport} refused`).toBeGreaterThan(count);
      }
    }
    tallies.push(tally);
    tally.report(`DNS servers on port ${dnsPort}, ${each} ms a world`, seed);
  });

  it('end where every pod reaches everything again', async () => {
    await applyWorld(light, free);
    expect([...(await askPackets(light)).values()]).toEqual(QUESTIONS.map(() => true));
  });
});

it('packets differ where traits of kube-router say so', () => {
  expect(tallies).toHaveLength(PARTS.length);
  const differing = tallies.reduce((sum, tally) => sum + tally.of('trait'), 0);
  expect(differing).toBeGreaterThan(0);
  recordTraits(tallies);
});
