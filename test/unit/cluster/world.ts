import { setTimeout as wait } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { Client } from '../../../src/cluster/api/client.ts';
import { type KubeObject, keyText, type ObjectKey } from '../../../src/cluster/watch/kube-object.ts';
import type { ObjectHandler } from '../../../src/cluster/watch/object-handler.ts';
import { Reflector, type ReflectorOptions } from '../../../src/cluster/watch/reflector.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { hurriedClock } from '../../harness/clocks.ts';
import { FakeApiServer } from './fake-api-server.ts';

/** TestLogger keeps its lines. */
export class TestLogger implements Logger {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  debug = (fields: object, message: string) => void this.lines.push({ level: 'debug', fields, message });
  info = (fields: object, message: string) => void this.lines.push({ level: 'info', fields, message });
  warn = (fields: object, message: string) => void this.lines.push({ level: 'warn', fields, message });
  error = (fields: object, message: string) => void this.lines.push({ level: 'error', fields, message });

  messages(): string[] {
    return this.lines.map((line) => line.message);
  }
}

/** Store is a handler that keeps versions, and the order of what it was told. */
export class Store implements ObjectHandler {
  readonly versions = new Map<string, string>();
  readonly calls: string[] = [];

  onAdd(object: KubeObject): void {
    this.calls.push(`add ${keyText(object)}`);
    this.versions.set(keyText(object), object.resourceVersion);
  }

  onUpdate(object: KubeObject): void {
    this.calls.push(`update ${keyText(object)}`);
    this.versions.set(keyText(object), object.resourceVersion);
  }

  onDelete(key: ObjectKey): void {
    this.calls.push(`delete ${keyText(key)}`);
    this.versions.delete(keyText(key));
  }
}

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** onEnd runs when the test has ended, last first. */
export function onEnd(work: () => unknown): void {
  cleanUps.push(work);
}

export async function startServer(
  configure: (server: FakeApiServer) => void = () => undefined,
): Promise<FakeApiServer> {
  const server = new FakeApiServer();
  configure(server);
  await server.start();
  onEnd(() => server.stop());
  return server;
}

export function clientOf(server: FakeApiServer, onRequest?: (...seen: unknown[]) => void): Client {
  const client = new Client({
    credentials: {
      server: server.url,
      access: () => Promise.resolve({ headers: {}, tls: NO_TLS }),
      origin: 'a test',
      refused: () => undefined,
    },
    clock: systemClock,
    userAgent: 'netpol-guard/test',
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  onEnd(() => client.close());
  return client;
}

const NO_TLS = {};

export interface World {
  readonly server: FakeApiServer;
  readonly store: Store;
  readonly logger: TestLogger;
  readonly reflector: Reflector;
}

/** startWorld starts a reflector of pods on the server, in a world that hurries. */
export async function startWorld(
  options: Partial<ReflectorOptions> = {},
  configure: (server: FakeApiServer) => void = () => undefined,
): Promise<World> {
  const server = await startServer(configure);
  const store = new Store();
  const logger = new TestLogger();
  const resource = { group: '', version: 'v1', plural: 'pods' };
  const reflector = new Reflector({
    client: clientOf(server),
    resource,
    handler: store,
    clock: hurriedClock(50),
    logger,
    ...options,
  });
  onEnd(() => reflector.stop());
  return { server, store, logger, reflector };
}

/** eventually waits until the condition holds; it fails after `ms` milliseconds, saying what was there instead. */
export async function eventually(condition: () => boolean, show: () => unknown = () => '', ms = 5000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not so within ${ms} ms: ${JSON.stringify(show())}`);
    await wait(5);
  }
}
