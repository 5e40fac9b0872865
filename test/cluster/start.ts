/** Starts the enforcing cluster and leaves it running: `npm run cluster [-- --instance N]`. */
import { chooseInstance } from './node/instance.ts';
import { raiseCluster } from './node/raise.ts';

const began = Date.now();
const tell = (reached: string) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${reached}`);
const instance = chooseInstance(process.argv.slice(2), process.env);
const { address, detach } = await raiseCluster(instance, tell);
detach();
console.log(`\nexport KUBECONFIG=${address.kubeconfig}`);
