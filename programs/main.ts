/** Builds the programs that the tests start: `npm run programs [-- MODULE...]`, all of them without a name. */
import { join } from 'node:path';
import { build } from './build.ts';
import { type ModuleName, RECIPES } from './recipes.ts';

const known = Object.keys(RECIPES).filter((name): name is ModuleName => Object.hasOwn(RECIPES, name));
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !known.some((module) => module === name));
if (unknown !== undefined) {
  console.error(`${unknown}: no such module; name some of ${known.join(', ')}, or nothing for all`);
  process.exitCode = 2;
} else {
  for (const module of known.filter((name) => asked.length === 0 || asked.includes(name))) {
    try {
      const folder = await build(module);
      for (const program of Object.keys(RECIPES[module].programs)) console.log(join(folder, program));
    } catch (error) {
      console.error(`${module}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 2;
      break;
    }
  }
}
