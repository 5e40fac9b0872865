/**
 * Posts a body so many times a second, so many at once, however slowly answers come, and prints each latency in
 * milliseconds as JSON.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', bodyFile = '', rate = '', seconds = '', atOnce = '1'] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const agent = new Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false });
const headers = { 'content-type': 'application/json', 'content-length': body.length };
const latencies: number[] = [];

/** post does not wait for its turn: the next request goes out whether or not this one has been answered. */
function post(): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = performance.now();
    const asked = request(`${url}/validate`, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume();
      response.on('end', () => {
        latencies.push(performance.now() - sent);
        resolve();
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

await Promise.all(Array.from({ length: Math.min(16, Number(rate)) }, post));
latencies.length = 0;
const pending: Promise<void>[] = [];
const start = performance.now();
const total = Number(rate) * Number(seconds);
for (let n = 0; n < total; n += 1) {
  const due = Math.floor(n / Number(atOnce)) * Number(atOnce);
  const ahead = start + (due * 1000) / Number(rate) - performance.now();
  if (ahead > 0.5) await sleep(ahead);
  pending.push(post());
}
await Promise.all(pending);
agent.destroy();
process.stdout.write(JSON.stringify(latencies));
