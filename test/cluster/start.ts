/** Starts the enforcing cluster and leaves it running: `npm run cluster [-- --instance N]`. */

import { machine } from '../report/machine.ts';
import { chooseInstance } from './node/instance.ts';
import { raiseCluster } from './node/raise.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort());
}
const tell = (reached: string, seconds: number) => console.log(`${seconds.toFixed(1).padStart(6)} s  ${reached}`);
try {
  const instance = chooseInstance(process.argv.slice(2), process.env);
  const versions = machine().map(({ what, which }) => (what === 'machine' ? which : `${what} ${which}`));
  console.log(`cluster ${instance.number}: ${versions.join(', ')}`);
  const { booting, detach } = await raiseCluster(instance, tell, interrupted.signal);
  detach();
  const place = instance.number === 0 ? '' : ` -- --instance ${instance.number}`;
  console.log(`\nexport KUBECONFIG=${booting.address.kubeconfig}`);
  console.log(`npm run cluster:down${place}   # ends it`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  // Whatever was under way, such as a build, is of no use any more.
  process.exit(interrupted.signal.aborted ? 130 : 2);
}
