import { request } from 'node:https';
import { bundle } from './bundle.ts';
import { startServer } from './process.ts';
import type { Section } from './report.ts';
import { clusterArguments, type Setting, untilReady, writeKubeconfig } from './setting.ts';
import { SmallCluster } from './small-cluster.ts';
import { median, ratioOf } from './statistics.ts';

/** measureStartup starts the program by turns as it is and with client-node taken out, against an empty cluster. */
export async function measureStartup(setting: Setting): Promise<Section> {
  const cluster = new SmallCluster(1, 1);
  const kubeconfig = writeKubeconfig(setting, await cluster.start());
  const programs = { with: await bundle(setting.folder, 'with'), without: await bundle(setting.folder, 'without') };
  const times = { with: [] as number[], without: [] as number[] };
  try {
    for (let n = 0; n < Math.max(3, setting.slices / 3); n += 1) {
      for (const way of ['with', 'without'] as const) {
        const started = performance.now();
        const server = await startServer(clusterArguments(setting, kubeconfig, programs[way]));
        try {
          await untilReady(server);
          await firstAnswer(server.url, setting.body);
          times[way].push(performance.now() - started);
        } finally {
          await server.stop();
        }
      }
    }
  } finally {
    cluster.stop();
  }
  return {
    name: 'startup',
    how: 'from the start of the process to the first answer, caches synced with an API server that is all but empty',
    measures: [
      { name: 'start to first answer', value: median(times.with), unit: 'ms' },
      {
        name: 'start to first answer against the same program without client-node',
        value: ratioOf(times.with, times.without),
        unit: 'x',
        goal: { at: 'most', bound: 1.2 },
      },
    ],
  };
}

/** firstAnswer posts a review and returns once it is answered with 200. */
export function firstAnswer(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${url}/validate`, { method: 'POST', headers, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
