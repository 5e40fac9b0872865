import type { Light } from '../light/light.ts';
import { drawWorlds } from './draw.ts';
import { judge } from './judge.ts';
import { applyWorld, askPackets } from './packets.ts';
import { Tally } from './tally.ts';

/** runWorlds asks about so many worlds, one after the other. A world that could not be asked about is a fault as well. */
export async function runWorlds(light: Light, count: number, seed: number): Promise<Tally> {
  const tally = new Tally();
  for (const [i, world] of drawWorlds(count, seed).entries()) {
    try {
      await applyWorld(light, world);
      tally.add(world, judge(world, await askPackets(light)));
    } catch (error) {
      tally.fail([`world ${i}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`], world);
    }
  }
  return tally;
}
