import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Light, openLight } from './light/light.ts';
import { CLIENTS } from './light/places.ts';
import { record } from './report/record.ts';
import { drawWorlds } from './worlds/draw.ts';
import { judge } from './worlds/judge.ts';
import { applyWorld, askPackets } from './worlds/packets.ts';
import { Tally } from './worlds/tally.ts';
import { QUESTIONS, type World } from './worlds/world.ts';

/** A long run draws new worlds each time; what CI runs is the same each time. */
const SHORT = { count: 40, seed: 20_261_121 };
const LONG = { count: 400, seed: Date.now() % 2 ** 31 };

const form = inject('form');
const chosen = form === 'long' ? LONG : SHORT;
const count = Number(process.env['NETPOL_GUARD_WORLDS'] ?? chosen.count);
const seed = Number(process.env['NETPOL_GUARD_WORLDS_SEED'] ?? chosen.seed);

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
    const tally = new Tally();
    const began = performance.now();
    for (const [i, world] of drawWorlds(count, seed).entries()) {
      try {
        await applyWorld(light, world);
        tally.add(world, judge(world, await askPackets(light)));
      } catch (error) {
        tally.fail([`world ${i}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`], world);
      }
    }
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
