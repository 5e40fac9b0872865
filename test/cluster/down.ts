/** Ends the enforcing cluster and removes all of it: `npm run cluster:down [-- --instance N]`. */
import { existsSync } from 'node:fs';
import { removeCluster } from './node/ending.ts';
import { chooseInstance } from './node/instance.ts';

const instance = chooseInstance(process.argv.slice(2), process.env);
const wasThere = existsSync(instance.folder);
await removeCluster(instance);
console.log(`cluster ${instance.number} ${wasThere ? 'is gone' : 'is not there; nothing to do'}`);
