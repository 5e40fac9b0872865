import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asObject, field, type Json } from '../../../../src/objects/fields.ts';
import { type Reply, startScripted } from '../scripted-server.ts';
import { eventually, onEnd } from '../world.ts';

/** Longer than the renew deadline of the process. */
const STOPPED_MS = 500;

test('a process that is stopped while it leads, and goes on, writes nothing before it leads again but what was on its way', async () => {
  let version = 1;
  let lease: Json = {};
  let writes = 0;
  const put = (spec: unknown): Reply => {
    version += 1;
    lease = { metadata: { resourceVersion: String(version) }, spec };
    return { code: 200, body: lease };
  };
  put({});
  const { server } = await startScripted(({ line, body }) => {
    if (line.includes('/configmaps/')) writes += 1;
    if (!line.includes('/leases/')) return { code: 200, body: {} };
    if (line.startsWith('GET')) return { code: 200, body: lease };
    const asked = asObject(body, 'body');
    const isCurrent = field(asObject(field(asked, 'metadata'), 'metadata'), 'resourceVersion') === String(version);
    return isCurrent ? put(field(asked, 'spec')) : { code: 409, reason: 'Conflict' };
  });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'elected-process.ts'), server.url.href], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onEnd(() => child.kill('SIGKILL'));
  let said = '';
  createInterface(child.stdout).on('line', (line) => {
    said = line;
  });

  for (let round = 0; round < 6; round += 1) {
    const before = writes;
    await eventually(
      () => writes > before + 5,
      () => said,
      20_000,
    );
    child.kill('SIGSTOP');
    await wait(STOPPED_MS);
    put({ holderIdentity: 'another', leaseDurationSeconds: 60 });
    const whileStopped = writes;
    child.kill('SIGCONT');
    await eventually(() => said === 'does not lead');
    // It writes one at a time.
    expect(writes).toBeLessThanOrEqual(whileStopped + 1);
    put({});
  }
});
