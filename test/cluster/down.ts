/** Ends the enforcing cluster and removes all of it: `npm run cluster:down [-- --instance N]`. */
import { removeCluster } from './node/ending.ts';
import { chooseInstance } from './node/instance.ts';
import { look } from './node/vacancy.ts';

try {
  const instance = chooseInstance(process.argv.slice(2), process.env);
  const { hasFolder, hasLink } = look(instance);
  await removeCluster(instance);
  console.log(`cluster ${instance.number} ${hasFolder || hasLink ? 'is gone' : 'is not there; nothing to do'}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
