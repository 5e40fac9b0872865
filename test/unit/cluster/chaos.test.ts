import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hurriedClock } from '../../harness/clocks.ts';
import { type Fault, sendStatus } from './fake-api-server.ts';
import { eventually, startWorld } from './world.ts';

const PODS = '/api/v1/pods';

/** A generator with a seed, so that a failure can be had again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3, 4])(
  'whatever goes wrong at once, the store ends as the server (seed %i)',
  async (seed) => {
    const random = chance(seed);
    let calm = false;
    const faults: Fault[] = [
      (_request, response) => {
        if (calm || random() > 0.25) return false;
        const [code, reason] = [
          [500, 'InternalError'],
          [429, 'TooManyRequests'],
          [503, 'ServiceUnavailable'],
          [410, 'Expired'],
          [403, 'Forbidden'],
          [404, 'NotFound'],
        ][Math.floor(random() * 6)] as [number, string];
        sendStatus(response, code, reason, 'chaos');
        return true;
      },
      (request, response) => {
        if (calm || random() > 0.1) return false;
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        response.write('{"metadata":{"resourceVersion":"7"},"items":[{"metadata"');
        setTimeout(() => request.socket.resetAndDestroy(), 5);
        return true;
      },
      (_request, response, url) => {
        if (calm || !url.searchParams.has('watch') || random() > 0.15) return false;
        response.writeHead(200).flushHeaders();
        return true;
      },
    ];
    const world = await startWorld({ clock: hurriedClock(1000) }, (server) => {
      server.bookmarkMs = 30;
      server.faults = faults;
      for (let i = 0; i < 700; i += 1) server.put(PODS, { metadata: { name: `pod-${i}`, namespace: `ns-${i % 7}` } });
    });
    const { server, store } = world;

    for (let round = 0; round < 60; round += 1) {
      const i = Math.floor(random() * 900);
      if (random() < 0.6) server.put(PODS, { metadata: { name: `pod-${i}`, namespace: `ns-${i % 7}` } });
      else server.remove(PODS, `ns-${i % 7}`, `pod-${i}`);
      const what = random();
      if (what < 0.06) server.resetAll();
      else if (what < 0.1) server.endWatches();
      else if (what < 0.14) server.sendRaw('}{ not json\n');
      else if (what < 0.18)
        server.sendRaw('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
      else if (what < 0.22) server.compact();
      else if (what < 0.25) {
        await server.stop();
        await server.start();
      }
      await wait(random() * 20);
    }
    calm = true;
    await eventually(
      () => JSON.stringify([...store.versions].sort()) === JSON.stringify([...server.objects(PODS)].sort()),
      () => [store.versions.size, server.objects(PODS).size],
      10_000,
    );
    expect(world.reflector.hasSynced).toBe(true);
    expect(world.logger.messages()).not.toContain('watch event handler failed');
  },
  20_000,
);
