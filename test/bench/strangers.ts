import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { latencies } from './latency.ts';
import { startServer } from './process.ts';
import type { Section } from './report.ts';
import { type Setting, serveArguments, writePolicies } from './setting.ts';
import { median, quantile, ratioOf } from './statistics.ts';

const CLIENTS = 500;
const REQUESTS_EACH = 4;
const IDLE = 2000;
const STRANGERS = ['127.0.0.2', '127.0.0.3'] as const;

/** measureStrangers asks how an ordinary client fares beside idle strangers, and how many clients of one address do. */
export async function measureStrangers(setting: Setting): Promise<Section> {
  const ours = await startServer(serveArguments(setting, writePolicies(setting, 3)));
  const p99 = { alone: [] as number[], beside: [] as number[] };
  try {
    await latencies(setting, ours.url);
    const before = ours.rss();
    let held = 0;
    let grown = 0;
    for (let n = 0; n < Math.max(3, setting.slices / 8); n += 1) {
      p99.alone.push(quantile(await latencies(setting, ours.url), 0.99));
      const idle = await holdIdle(setting, ours.url);
      p99.beside.push(quantile(await latencies(setting, ours.url), 0.99));
      held = idle.filter(({ closed }) => !closed).length;
      grown = ours.rss() - before;
      for (const socket of idle) socket.destroy();
    }
    const crowd = await askTogether(setting, ours.url);
    return {
      name: 'strangers',
      how: `${IDLE} TLS connections of ${STRANGERS.length} other addresses that send nothing, opened and closed by turns; then ${CLIENTS} clients of one address, ${REQUESTS_EACH} reviews each, all at once`,
      measures: [
        { name: 'idle connections of strangers that stay', value: held, unit: '' },
        { name: 'memory more with them', value: grown / 1e6, unit: 'MB' },
        { name: 'p99 alone', value: median(p99.alone), unit: 'ms' },
        { name: `p99 beside ${IDLE} idle connections`, value: median(p99.beside), unit: 'ms' },
        {
          name: `p99 beside ${IDLE} idle connections, against alone`,
          value: ratioOf(p99.beside, p99.alone),
          unit: 'x',
          goal: { at: 'most', bound: 1.5 },
        },
        {
          name: `reviews of ${CLIENTS} clients of one address, answered with 200`,
          value: crowd.answered / (CLIENTS * REQUESTS_EACH),
          unit: 'of all',
          goal: { at: 'least', bound: 1 },
        },
        {
          name: 'connections that they needed, for each of them',
          value: crowd.connections / CLIENTS,
          unit: 'x',
          goal: { at: 'most', bound: 1 },
        },
      ],
    };
  } finally {
    await ours.stop();
  }
}

async function holdIdle({ authority }: Setting, url: string): Promise<readonly TLSSocket[]> {
  const { hostname, port } = new URL(url);
  const sockets: TLSSocket[] = [];
  while (sockets.length < IDLE) {
    const some = Array.from({ length: 50 }, (_, n) => {
      const from = { localAddress: STRANGERS[n % STRANGERS.length] };
      return connect({ host: hostname, port: Number(port), ca: authority, ...from });
    });
    for (const socket of some) socket.on('error', () => {});
    await Promise.all(some.map((socket) => once(socket, 'secureConnect')));
    sockets.push(...some);
  }
  return sockets;
}

/** Each client keeps its connection, as an API server does. */
async function askTogether(setting: Setting, url: string): Promise<{ answered: number; connections: number }> {
  const used = new Set<unknown>();
  let answered = 0;
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: setting.authority });
    for (let n = 0; n < REQUESTS_EACH; n += 1) {
      if ((await post(setting.body, url, agent, used)) === 200) answered += 1;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { answered, connections: used.size };
}

function post(body: string, url: string, agent: Agent, used: Set<unknown>): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = request(`${url}/validate`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('socket', (socket) => used.add(socket));
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}
