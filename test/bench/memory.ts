import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './process.ts';
import type { Section } from './report.ts';
import { clusterArguments, type Setting, untilReady, writeKubeconfig } from './setting.ts';
import { SmallCluster } from './small-cluster.ts';

const NAMESPACES = 10_000;
const POLICIES = 50_000;
/** Long enough for the garbage of the first LIST to be collected, as in any process that lives on. */
const SETTLE_MS = 5_000;

/** measureMemory lets the program follow a large cluster. */
export async function measureMemory(setting: Setting): Promise<Section> {
  const cluster = new SmallCluster(NAMESPACES, POLICIES / NAMESPACES);
  const started = performance.now();
  const server = await startServer(clusterArguments(setting, writeKubeconfig(setting, await cluster.start())));
  try {
    await untilReady(server);
    const ready = (performance.now() - started) / 1000;
    const atOnce = server.rss() / 1024 ** 2;
    await sleep(SETTLE_MS);
    return {
      name: 'memory',
      how: `serve against a made-up API server with ${NAMESPACES} namespaces and ${POLICIES} policies, ${SETTLE_MS / 1000} s after it was ready`,
      measures: [
        { name: 'start until ready with 50,000 policies', value: ready, unit: 's' },
        { name: 'memory when ready', value: atOnce, unit: 'MB RSS' },
        {
          name: '50,000 policies in 10,000 namespaces cached',
          value: server.rss() / 1024 ** 2,
          unit: 'MB RSS',
          goal: { at: 'most', bound: 300 },
        },
      ],
    };
  } finally {
    await server.stop();
    cluster.stop();
  }
}
