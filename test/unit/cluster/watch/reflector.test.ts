import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import { hurriedClock } from '../../../harness/clocks.ts';
import { type FakeApiServer, sendJson, sendStatus } from '../fake-api-server.ts';
import { eventually, startWorld, type World } from '../world.ts';

const PODS = '/api/v1/pods';

function pod(name: string, rest: object = {}) {
  return { metadata: { name, namespace: 'shop' }, ...rest };
}

function inStep({ server, store }: World): Promise<void> {
  return eventually(
    () => JSON.stringify([...store.versions].sort()) === JSON.stringify([...server.objects(PODS)].sort()),
    () => ({ store: [...store.versions], server: [...server.objects(PODS)] }),
  );
}

async function synced(world: World): Promise<World> {
  await eventually(() => world.reflector.hasSynced && world.server.watching === 1);
  return world;
}

/** proveItLives changes the server and expects the store to follow. */
async function proveItLives(world: World): Promise<void> {
  world.server.put(PODS, pod('proof'));
  world.server.remove(PODS, 'shop', 'a');
  await inStep(world);
  expect(world.store.versions.has('shop/proof')).toBe(true);
  expect(world.store.versions.has('shop/a')).toBe(false);
}

const withA = (server: FakeApiServer) => server.put(PODS, pod('a'));
const isWatch = (url: URL) => url.searchParams.get('watch') === 'true';

describe('in good weather', () => {
  test('hands over what is listed and what is watched', async () => {
    const world = await synced(await startWorld({}, withA));
    world.server.put(PODS, pod('b'));
    world.server.put(PODS, pod('a'));
    world.server.remove(PODS, 'shop', 'b');
    await eventually(() => world.store.calls.length === 4);
    expect(world.store.calls).toEqual(['add shop/a', 'add shop/b', 'update shop/a', 'delete shop/b']);
  });

  test('tells which versions it has seen, as numbers', async () => {
    const world = await synced(await startWorld({}, withA));
    world.server.put(PODS, pod('b'));
    await inStep(world);
    const seen = world.store.versions.get('shop/b') ?? '';
    expect(world.reflector.hasSeen('99')).toBe(true);
    await eventually(() => world.reflector.hasSeen(seen));
    expect(world.reflector.hasSeen(String(Number(seen) + 1))).toBe(false);
  });

  test('has seen nothing before the whole list is there', async () => {
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [(_request, _response, url) => url.searchParams.has('continue')];
      for (let i = 0; i < 501; i += 1) server.put(PODS, pod(`pod-${i}`));
    });
    await eventually(() => world.store.versions.size === 500);
    expect(world.reflector.hasSeen('1')).toBe(false);
  });

  test('has not synced before the whole list is there', async () => {
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [(_request, _response, url) => !isWatch(url)];
    });
    await eventually(() => world.server.requests.length > 0);
    expect(world.reflector.hasSynced).toBe(false);
  });

  test('lists in pages of 500, and asks for bookmarks and an end within 5 to 10 minutes', async () => {
    const world = await synced(
      await startWorld({}, (server) => {
        for (let i = 0; i < 1201; i += 1) server.put(PODS, pod(`pod-${i}`));
      }),
    );
    expect(world.store.versions.size).toBe(1201);
    const lists = world.server.requests.filter((line) => !line.includes('watch'));
    expect(lists).toHaveLength(3);
    for (const line of lists) expect(line).toContain('limit=500');
    const watch = new URL(world.server.requests.at(-1)?.split(' ')[1] ?? '', world.server.url).searchParams;
    expect(watch.get('allowWatchBookmarks')).toBe('true');
    expect(Number(watch.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
    expect(Number(watch.get('timeoutSeconds'))).toBeLessThan(600);
  });

  test('reads etcd by default, and the cache where told so', async () => {
    const quorum = await synced(await startWorld({}, withA));
    expect(quorum.server.requests[0]).not.toContain('resourceVersion');
    const cache = await synced(await startWorld({ listFrom: 'cache' }, withA));
    expect(cache.server.requests[0]).toContain('resourceVersion=0');
  });

  test('leaves out managedFields and the last applied configuration', async () => {
    const seen: string[] = [];
    const metadata = {
      name: 'a',
      namespace: 'shop',
      managedFields: [{ manager: 'kubectl' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'yes' },
    };
    const note = (object: { json: unknown }) => void seen.push(JSON.stringify(object.json));
    await synced(
      await startWorld({ handler: { onAdd: note, onUpdate: note, onDelete: () => undefined } }, (server) =>
        server.put(PODS, { metadata }),
      ),
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain('"kept":"yes"');
    expect(seen[0]).not.toMatch(/managedFields|last-applied/);
  });

  test('goes on after the ordinary end of a watch without listing again', async () => {
    const world = await synced(await startWorld({}, withA));
    await new Promise((resolve) => setTimeout(resolve, 50));
    world.server.endWatches();
    await proveItLives(world);
    expect(world.server.requests.filter((line) => !line.includes('watch'))).toHaveLength(1);
    expect(world.logger.lines).toEqual([]);
  });

  test('goes on from the last event, a deletion too', async () => {
    const world = await synced(await startWorld({}, withA));
    world.server.remove(PODS, 'shop', 'a');
    await eventually(() => world.store.versions.size === 0);
    world.server.resetAll();
    await eventually(() => world.server.watching === 1);
    expect(world.server.requests.at(-1)).toContain('resourceVersion=102&');
  });

  test('a handler that throws is logged and changes nothing for the others', async () => {
    const added: string[] = [];
    const handler = {
      onAdd: ({ name }: { name: string }) => {
        if (name === 'a') throw new Error('handler bug');
        added.push(name);
      },
      onUpdate: () => undefined,
      onDelete: () => undefined,
    };
    const world = await synced(await startWorld({ handler }, withA));
    world.server.put(PODS, pod('b'));
    await eventually(() => added.includes('b'));
    expect(world.logger.messages()).toEqual(['watch event handler failed']);
  });

  test('stops for good, and closes its watch', async () => {
    const world = await synced(await startWorld({}, withA));
    await world.reflector.stop();
    await eventually(() => world.server.watching === 0);
    world.server.put(PODS, pod('late'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.store.calls).toEqual(['add shop/a']);
  });

  test('its age is the time since the last sign of life', async () => {
    let now = 0;
    const world = await startWorld(
      {
        clock: {
          ...systemClock,
          elapsed: () => now,
          random: () => 0,
          sleep: (_ms, signal) => systemClock.sleep(60_000, signal),
        },
      },
      withA,
    );
    await eventually(() => world.server.watching === 1);
    now = 7000;
    expect(world.reflector.ageSeconds()).toBe(7);
    world.server.put(PODS, pod('b'));
    await eventually(() => world.store.versions.has('shop/b'));
    expect(world.reflector.ageSeconds()).toBe(0);
  });
});

describe('survives', () => {
  test('the API server restarting, with changes while it was away', async () => {
    const world = await synced(await startWorld({}, withA));
    await world.server.stop();
    world.server.put(PODS, pod('while-away'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.server.start();
    await proveItLives(world);
  });

  test('a restart that lost the history: what vanished meanwhile is deleted', async () => {
    const world = await synced(
      await startWorld({}, (server) => ['a', 'b'].forEach((name) => server.put(PODS, pod(name)))),
    );
    await world.server.stop();
    world.server.remove(PODS, 'shop', 'b');
    world.server.compact();
    await world.server.start();
    await proveItLives(world);
    expect(world.store.calls).toContain('delete shop/b');
  });

  test('a TCP reset in mid-watch', async () => {
    const world = await synced(await startWorld({}, withA));
    world.server.resetAll();
    await proveItLives(world);
  });

  test('a LIST that answers 500, several times', async () => {
    let refusals = 4;
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [
        (_request, response) => {
          if (refusals === 0) return false;
          refusals -= 1;
          sendStatus(response, 500, 'InternalError', 'etcd is away');
          return true;
        },
      ];
    });
    await proveItLives(await synced(world));
    expect(world.logger.messages()).toEqual(Array(4).fill('list or watch failed, retrying'));
  });

  test.each([429, 503])('a %i with Retry-After, which it honours', async (code) => {
    const hurried = hurriedClock(50);
    const times: number[] = [];
    const world = await startWorld({ clock: hurried }, (server) => {
      withA(server);
      server.faults = [
        (_request, response) => {
          times.push(hurried.elapsed());
          if (times.length > 1) return false;
          sendStatus(response.setHeader('retry-after', '25'), code, 'TooManyRequests', 'slow down');
          return true;
        },
      ];
    });
    await proveItLives(await synced(world));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(24_900);
  });

  test('a half-open connection that says nothing any more', async () => {
    const ends: string[] = [];
    const world = await synced(
      await startWorld({ clock: hurriedClock(900), onWatchEnd: (_resource, reason) => ends.push(reason) }, (server) => {
        withA(server);
        server.bookmarkMs = 50;
        let first = true;
        server.faults = [
          (_request, response, url) => {
            if (!isWatch(url) || !first) return false;
            first = false;
            response.writeHead(200).flushHeaders();
            return true;
          },
        ];
      }),
    );
    await proveItLives(world);
    expect(ends).toEqual(['stalled']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ends).toEqual(['stalled']);
  });

  test('410 on the continuation of a list: the list is made anew', async () => {
    let compacted = false;
    const world = await startWorld({}, (server) => {
      for (let i = 0; i < 600; i += 1) server.put(PODS, pod(`pod-${i}`));
      withA(server);
      server.faults = [
        (_request, _response, url) => {
          if (url.searchParams.has('continue') && !compacted) {
            compacted = true;
            server.remove(PODS, 'shop', 'pod-0');
            server.compact();
          }
          return false;
        },
      ];
    });
    await proveItLives(await synced(world));
    expect(compacted).toBe(true);
    expect(world.store.versions.has('shop/pod-0')).toBe(false);
    expect(world.server.requests.filter((line) => !line.includes('watch'))).toHaveLength(3);
  });

  test('410 as the answer to a watch', async () => {
    const world = await synced(await startWorld({}, withA));
    world.server.compact();
    world.server.resetAll();
    await proveItLives(world);
    expect(world.logger.messages()).toContain('resource version is too old, listing again');
  });

  test('a version that the server has not reached, as after etcd was restored', async () => {
    let ahead = false;
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [
        (_request, response, url) => {
          if (!ahead || !isWatch(url)) return false;
          ahead = false;
          const details = { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 0 };
          sendJson(response, 504, { kind: 'Status', code: 504, reason: 'Timeout', message: 'too large', details });
          return true;
        },
      ];
    });
    await synced(world);
    ahead = true;
    world.server.resetAll();
    await eventually(() => world.server.requests.filter((line) => !line.includes('watch')).length === 2);
    await proveItLives(await synced(world));
  });

  test('410 as an ERROR event within a watch', async () => {
    const world = await synced(await startWorld({}, withA));
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    world.server.sendRaw(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    await eventually(() => world.server.requests.filter((line) => !line.includes('watch')).length === 2);
    await proveItLives(await synced(world));
  });

  test.each([
    ['garbage', '{"type": "ADDED", "object": {"metad\n'],
    ['something that is no event', '{"type": "RENAMED", "object": {}}\n'],
    ['an object without a name', '{"type": "ADDED", "object": {"metadata": {"resourceVersion": "9"}}}\n'],
    ['an enormous line', 'x'.repeat(9 * 2 ** 20)],
  ])('%s in a watch', async (_what, text) => {
    const world = await synced(await startWorld({}, withA));
    world.server.sendRaw(text);
    await eventually(() => world.server.requests.filter((line) => !line.includes('watch')).length === 2);
    await proveItLives(await synced(world));
  });

  test('a list that is garbage, and items in it that are no objects', async () => {
    let answers = 0;
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [
        (_request, response, url) => {
          if (isWatch(url)) return false;
          answers += 1;
          if (answers === 1) response.end('<html>');
          else if (answers === 2) sendJson(response, 200, { items: 'none' });
          else if (answers === 3) {
            const items = [
              null,
              7,
              { metadata: {} },
              { metadata: { name: 'a', namespace: 'shop', resourceVersion: '7' } },
            ];
            sendJson(response, 200, { metadata: { resourceVersion: '100' }, items });
          } else return false;
          return true;
        },
      ];
    });
    await synced(world);
    await proveItLives(world);
    expect(world.logger.messages().filter((line) => line.startsWith('skipped list item'))).toHaveLength(3);
  });

  test('watches that end at once, without turning into a storm', async () => {
    const world = await startWorld({ clock: hurriedClock(10) }, (server) => {
      withA(server);
      server.faults = [
        (_request, response, url) => {
          if (!isWatch(url)) return false;
          response.end();
          return true;
        },
      ];
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(world.server.requests.length).toBeGreaterThan(2);
    expect(world.server.requests.length).toBeLessThan(10);
  });

  test('401 and 403, and says that it lacks the rights', async () => {
    let forbidden = true;
    const world = await startWorld({}, (server) => {
      withA(server);
      server.faults = [
        (_request, response) => {
          if (forbidden) sendStatus(response, 403, 'Forbidden', 'pods is forbidden');
          return forbidden;
        },
      ];
    });
    await eventually(() => world.reflector.isForbidden);
    expect(world.reflector.hasSynced).toBe(false);
    forbidden = false;
    await proveItLives(await synced(world));
    expect(world.reflector.isForbidden).toBe(false);
  });
});
