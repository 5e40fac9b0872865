import type { Light } from '../light/light.ts';
import { drawWorlds } from './draw.ts';
import { judge } from './judge.ts';
import { applyWorld, askPackets } from './packets.ts';
import type { Tally } from './tally.ts';

/** runWorlds asks about so many worlds, one after the other. A world that could not be asked about is a fault as well. */
export async function runWorlds(light: Light, count: number, seed: number, tally: Tally): Promise<void> {
  for (const [i, world] of drawWorlds(count, seed, light.dnsPort).entries()) {
    try {
      await applyWorld(light, world);
      tally.add(world, judge(world, await askPackets(light)));
    } catch (error) {
      tally.fail(
        [
          `world ${i}, DNS on ${light.dnsPort}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ],
        world,
      );
    }
  }
}
