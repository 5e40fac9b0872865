import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { ProcessIo } from '../../../src/cli/io.ts';
import type { ServeOptions } from '../../../src/cli/options.ts';
import { serve } from '../../../src/commands/serve.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { admissionReview } from '../../harness/admission-review.ts';

let folder = '';
const running: Served[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'));
});

afterEach(async () => {
  for (const served of running.splice(0)) {
    served.stop();
    served.stop();
    await served.done.catch(() => {});
  }
  await rm(folder, { recursive: true });
});

/** Served is a run of serve. */
export interface Served {
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: () => void;
  readonly done: Promise<number>;
}

/** folderOfTest is a folder that goes when the test ends. */
export function folderOfTest(): string {
  return folder;
}

/** A process that says nothing and hears nothing, but for what is given. */
export function processIo(more: Partial<ProcessIo>): ProcessIo {
  return {
    out: () => {},
    err: () => {},
    stdin: async function* () {},
    colours: false,
    clock: systemClock,
    env: { TMPDIR: folder },
    onStop: () => {},
    onExit: () => {},
    ...more,
  };
}

/** serve, as main.ts calls it, with the process written down; `env` comes on top of the folder for temporary files. */
export function start(options: Partial<ServeOptions> = {}, env: ProcessIo['env'] = {}, clock = systemClock): Served {
  let out = '';
  let err = '';
  let stop = () => {};
  const io = processIo({
    env: { TMPDIR: folder, ...env },
    clock,
    out: (text) => (out += text),
    err: (text) => (err += text),
    onStop: (handler) => {
      stop = handler;
    },
  });
  const done = serve({ port: 0, healthPort: 0, metricsPort: 0, standalone: true, logLevel: 'info', ...options }, io);
  const served = { out: () => out, err: () => err, stop: () => stop(), done };
  running.push(served);
  return served;
}

/** started returns once it listens, with where. */
export async function started(
  options: Partial<ServeOptions> = {},
  env: ProcessIo['env'] = {},
  clock = systemClock,
): Promise<Served & { url: string; health: string; metrics: string; ca: string }> {
  const served = start(options, env, clock);
  await Promise.race([vi.waitFor(() => expect(served.out()).toContain('\nmetrics on'), 5000), served.done]);
  const [, url = '', health = '', metrics = ''] =
    /listening on (\S+)\nhealth on (\S+)\nmetrics on (\S+)/.exec(served.out()) ?? [];
  const [, authority] = /^certificate authority: (.*)$/m.exec(served.out()) ?? [];
  return { ...served, url, health, metrics, ca: authority === undefined ? '' : await readFile(authority, 'utf8') };
}

/** kubeconfigFor writes the kubeconfig of an API server of plain HTTP, and returns its path. */
export async function kubeconfigFor({ url }: { readonly url: URL }): Promise<string> {
  const file = join(folderOfTest(), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server: url.href } }],
    users: [{ name: 'fake', user: {} }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    'current-context': 'fake',
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** ask posts one review, on a connection of its own. */
export function ask(
  url: string,
  ca: string,
  body: string,
  path = '/validate',
): Promise<{ status: number; json: { response: object } }> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', ca, headers: { 'content-type': 'application/json' }, agent: false } as const;
    const sent = request(`${url}${path}?timeout=5s`, options, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** reviewOf is the creation of a policy. */
export function reviewOf(spec: object, namespace = 'shop'): string {
  const metadata = { name: 'p', namespace };
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
  return JSON.stringify(admissionReview('networkpolicies', { object }));
}
