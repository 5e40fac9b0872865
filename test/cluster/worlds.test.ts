import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Light, openLight } from './light/light.ts';
import { CLIENTS } from './light/places.ts';
import { record } from './report/record.ts';
import { applyWorld, askPackets } from './worlds/packets.ts';
import { runWorlds } from './worlds/run.ts';
import { QUESTIONS, type World } from './worlds/world.ts';

/** A long run draws new worlds each time; what CI runs is the same each time. */
const SHORT = { count: 40, seed: 20_261_121 };
const LONG = { count: 400, seed: Date.now() % 2 ** 31 };

const form = inject('form');
const { count, seed } = form === 'long' ? LONG : SHORT;

let light: Light;
const started = Date.now();

beforeAll(async () => {
  light = await openLight();
  record('times', { what: 'the light form, until kube-router enforces', time: `${Date.now() - started} ms` });
});

afterAll(() => light?.close());

describe(`${count} random worlds of seed ${seed}`, () => {
  const free: World = { namespaces: {}, clients: CLIENTS.map(() => ({})), policies: [] };

  it('begin and end where every pod reaches everything, since there is no policy', async () => {
    await applyWorld(light, free);
    expect([...(await askPackets(light)).values()]).toEqual(QUESTIONS.map(() => true));
  });

  it('are to packets what they are to the engine and to brute force', async () => {
    const began = performance.now();
    const tally = await runWorlds(light, count, seed);
    const each = Math.round((performance.now() - began) / count);
    console.log(`${count} worlds of seed ${seed}, ${each} ms each`);
    expect(tally.faults).toEqual([]);
    for (const target of ['dns', 'documentation', 'public']) {
      for (const transport of ['UDP', 'TCP']) {
        expect(tally.of(`${target} ${transport} reached`), `${target} ${transport} reached`).toBeGreaterThan(count);
        expect(tally.of(`${target} ${transport} refused`), `${target} ${transport} refused`).toBeGreaterThan(count);
      }
    }
    tally.report(`${form} form, ${each} ms a world`, seed);

    await applyWorld(light, free);
    expect([...(await askPackets(light)).values()]).toEqual(QUESTIONS.map(() => true));
  });
});
